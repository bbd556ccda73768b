// The rooms of one layer's or model's passes: one for each input shape and kind of pass, planned in the first step and used
// again in all later ones. What goes in is copied in, what comes out is copied out: windows never leave.
import { STORAGE, type Backend } from "../backend/kernels.js";
import { PLAIN, Windows, copyInto } from "../backend/memory.js";
import { activeBackend } from "../backend/select.js";
import { sameShape, type Shape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";
import { Pass } from "./pass.js";

const MOST_PLANS = 4; // of a model: full and last batch, each for training and prediction

type Mode = "train" | "eval" | "predict";

interface Plan {
  readonly mode: Mode;
  readonly shape: Shape;
  readonly windows: Windows;
}

/** Rooms of the passes that begin at one layer. On a backend without workspaces every pass uses plain arrays. */
export class PassMemory {
  readonly #owner: object;
  readonly #plans: Plan[] = []; // the latest used goes first
  #backend: Backend | undefined;
  #pending: Windows | null = null; // of a forward whose backward has not run

  constructor(owner: object) {
    this.#owner = owner;
  }

  /** A forward pass; its room stays busy until the backward pass. */
  forward(x: Tensor, training: boolean, parent: Pass | null, work: (x: Tensor, pass: Pass) => Tensor): Tensor {
    this.#pending?.idle();
    this.#pending = this.#windowsFor(training ? "train" : "eval", x);
    const pass = new Pass("forward", this.#pending ?? PLAIN, parent);
    return work(copyInto(pass.room, x), pass).clone();
  }

  /** The backward of a pass, which may have begun at this layer or at one around it. */
  backward(dy: Tensor, pass: Pass, work: (dy: Tensor) => Tensor | undefined): Tensor | undefined {
    const windows = this.#pending === pass.room ? this.#pending : null;
    if (windows !== null) this.#pending = null;
    try {
      return work(copyInto(pass.room, dy))?.clone();
    } finally {
      windows?.idle();
    }
  }

  /** A pass that leaves no trace. */
  predict(x: Tensor, parent: Pass | null, work: (x: Tensor, pass: Pass) => Tensor): Tensor {
    const windows = this.#windowsFor("predict", x);
    const pass = new Pass("predict", windows ?? PLAIN, parent);
    try {
      return work(copyInto(pass.room, x), pass).clone();
    } finally {
      windows?.idle();
    }
  }

  /** Sets a forward that waits for its backward aside, so that no other pass takes its room, and returns the way back. */
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

  #windowsFor(mode: Mode, x: Tensor): Windows | null {
    const backend = activeBackend();
    if (this.#backend !== backend) {
      this.#plans.length = 0;
      this.#backend = backend;
    }
    const storage = backend[STORAGE];
    if (storage === undefined || x.dtype !== "float32") return null;
    const { shape } = x;
    const place = this.#plans.findIndex((each) => each.mode === mode && sameShape(each.shape, shape));
    const plan = this.#plans[place] ?? { mode, shape, windows: new Windows(storage.workspace(this.#owner)) };
    if (place !== 0) {
      if (place > 0) this.#plans.splice(place, 1);
      this.#plans.unshift(plan);
      this.#plans.length = Math.min(this.#plans.length, MOST_PLANS);
    }
    plan.windows.begin();
    return plan.windows;
  }
}
