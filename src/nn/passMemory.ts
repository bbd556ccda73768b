// The workspaces of one model: one for each input shape and kind of pass, planned in the first step and used again in
// all later ones. What goes in is copied in, what comes out is copied out: windows never leave the model.
import { copyIn, copyOut, inWorkspace, within } from "../backend/memory.js";
import type { Backend, Workspace } from "../backend/kernels.js";
import { activeBackend } from "../backend/select.js";
import { sameShape, type Shape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";

const MOST_PLANS = 4; // of a model: full and last batch, each for training and prediction

type Mode = "train" | "eval" | "predict";

interface Plan {
  readonly mode: Mode;
  readonly shape: Shape;
  readonly workspace: Workspace;
}

/** Memory of a model's passes. On a backend without workspaces every pass uses plain arrays. */
export class PassMemory {
  readonly #owner: object;
  readonly #plans: Plan[] = []; // the latest used goes first
  #backend: Backend | undefined;
  #pending: Workspace | null = null; // of a forward whose backward has not run

  constructor(owner: object) {
    this.#owner = owner;
  }

  /** A forward pass; its workspace stays busy until the backward pass. */
  forward(x: Tensor, mode: Mode, pass: (x: Tensor) => Tensor): Tensor {
    if (inWorkspace()) return pass(x);
    this.#pending?.idle();
    this.#pending = this.#planFor(mode, x);
    return run(this.#pending, x, pass);
  }

  /** The backward pass of the latest forward. */
  backward<T extends Tensor | undefined>(dy: Tensor, pass: (dy: Tensor) => T): T {
    const workspace = this.#pending;
    if (inWorkspace() || workspace === null) return pass(dy);
    this.#pending = null;
    try {
      return within(workspace, () => leave(pass(copyIn(dy))));
    } finally {
      workspace.idle();
    }
  }

  /** A pass that saves nothing. */
  predict(x: Tensor, pass: (x: Tensor) => Tensor): Tensor {
    if (inWorkspace()) return pass(x);
    const workspace = this.#planFor("predict", x);
    try {
      return run(workspace, x, pass);
    } finally {
      workspace?.idle();
    }
  }

  /**
   * Sets a forward that waits for its backward aside, so that no other pass takes its workspace, and returns the way
   * back.
   */
  setAside(): () => void {
    const [pending, plans, backend] = [this.#pending, this.#plans.splice(0), this.#backend];
    this.#pending = null;
    return () => {
      this.#pending?.idle();
      this.#pending = pending;
      this.#plans.splice(0, Infinity, ...plans);
      this.#backend = backend;
    };
  }

  #planFor(mode: Mode, x: Tensor): Workspace | null {
    const backend = activeBackend();
    if (this.#backend !== backend) {
      this.#plans.length = 0;
      this.#backend = backend;
    }
    if (backend.storage === undefined || x.dtype !== "float32") return null;
    const { shape } = x;
    const place = this.#plans.findIndex((each) => each.mode === mode && sameShape(each.shape, shape));
    const plan = this.#plans[place] ?? { mode, shape, workspace: backend.storage.workspace(this.#owner) };
    if (place !== 0) {
      if (place > 0) this.#plans.splice(place, 1);
      this.#plans.unshift(plan);
      this.#plans.length = Math.min(this.#plans.length, MOST_PLANS);
    }
    plan.workspace.begin();
    return plan.workspace;
  }
}

function run(workspace: Workspace | null, x: Tensor, pass: (x: Tensor) => Tensor): Tensor {
  return workspace === null ? pass(x) : within(workspace, () => copyOut(pass(copyIn(x))));
}

function leave<T extends Tensor | undefined>(dx: T): T {
  return (dx === undefined ? dx : copyOut(dx)) as T;
}
