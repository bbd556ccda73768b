// One run through layers, and which one is going on while a user's layer computes. A pass goes down from the door that was
// called to every layer; nothing climbs.
import type { Room } from "../backend/memory.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import type { Layer } from "./layer.js";

/** What a pass is for: a forward that a backward may follow, or a prediction, which leaves no trace. */
export type PassKind = "forward" | "predict";

/** One forward and its backward, or one prediction. */
export class Pass {
  /** For a backward: whether the layer that runs now shall give the gradient of its input. */
  inputGrad = true;
  #kept: unknown;
  #held: Map<FloatArray, number> | undefined; // how often

  /**
   * @param room where results lie
   * @param parent the pass of the layer from elsewhere that called the door of this one, or null
   */
  constructor(
    readonly kind: PassKind,
    readonly room: Room,
    readonly parent: Pass | null = null,
  ) {}

  /** Whether layers keep what their backward needs. */
  get keeps(): boolean {
    return this.kind === "forward";
  }

  /** Keeps what the backward of the layer that runs now needs; a prediction keeps nothing. */
  keep(value: unknown): void {
    if (this.kind === "forward") this.#kept = value;
  }

  /** What was kept since the last call. */
  takeKept(): unknown {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  /** Says that x is needed again after the layers that are given it now. */
  hold(x: Tensor): void {
    this.#held ??= new Map();
    this.#held.set(x.data, (this.#held.get(x.data) ?? 0) + 1);
  }

  /** Takes {@link hold} back. */
  release(x: Tensor): void {
    const times = this.#held?.get(x.data) ?? 0;
    if (times > 1) this.#held?.set(x.data, times - 1);
    else this.#held?.delete(x.data);
  }

  /** Whether nobody needs x after the layer that runs now, so that it may write into it. */
  mayOverwrite(x: Tensor): boolean {
    return this.kind === "predict" && this.#held?.has(x.data) !== true;
  }
}

/** A layer from elsewhere that computes now, and the pass in which it does. */
interface Guest {
  readonly pass: Pass;
  readonly layer: Layer;
  members: Set<Layer> | undefined; // of the layer, itself included; looked up when they are asked for
}

let guest: Guest | null = null;

/** Runs `work` of a layer from elsewhere: what it calls belongs to the pass. */
export function asGuest<T>(layer: Layer, pass: Pass, work: () => T): T {
  const before = guest;
  guest = { pass, layer, members: undefined };
  try {
    return work();
  } finally {
    guest = before;
  }
}

/**
 * The pass to which a call of this layer belongs, or null when it is a call of its own. A layer belongs to the pass when it is
 * found in the layer from elsewhere that computes now.
 */
export function passAround(layer: Layer): Pass | null {
  if (guest === null) return null;
  if (guest.layer === layer) return guest.pass;
  if (guest.members?.has(layer) !== true) guest.members = new Set(guest.layer.layers());
  return guest.members.has(layer) ? guest.pass : null;
}

/** The layer from elsewhere that computes now, if there is one. */
export function currentGuest(): Layer | null {
  return guest?.layer ?? null;
}
