// What a layer remembers between a forward and its backward, and whether it trains. It knows whose forward it was, so that a
// backward never takes up another one's.
import { StateError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";
import type { Pass } from "./pass.js";

interface Saved {
  readonly value: unknown;
  /** The pass that it belongs to. */
  readonly pass: Pass;
  /** Shape of the output, where the door has seen it, else that of nothing. */
  readonly shape: Shape;
}

/** Mode and saved inputs of one layer. */
export class LayerMemory {
  /** Train mode. */
  training = true;
  #saved: Saved | undefined;
  #everSaved = false;

  /** Keeps a value for the backward of this forward. */
  keep(value: unknown, pass: Pass, shape: Shape): void {
    this.#saved = { value, pass, shape };
    this.#everSaved = true;
  }

  /** Forgets what an earlier forward kept. */
  forget(): void {
    this.#saved = undefined;
    this.#everSaved = false;
  }

  /**
   * The pass of the latest forward and the shape of its output; uses nothing up.
   *
   * @param who says it, without ".backward"
   * @param around the pass whose backward this is, or null when it is called by itself
   * @throws StateError without a forward, for a second backward, or when another forward came between
   */
  expect(who: () => string, around: Pass | null): Saved {
    const saved = this.#saved;
    if (saved === undefined) {
      throw new StateError(
        this.#everSaved
          ? `${who()}.backward: expected one backward for each forward, got a second one (call forward again first).`
          : `${who()}.backward: expected a forward before it, got none (call forward first; predict saves nothing).`,
      );
    }
    if (around !== null && saved.pass !== around && saved.pass.parent !== around) {
      throw new StateError(
        `${who()}.backward: expected the forward of the model's own pass before it, got another forward of this layer by ` +
          `itself (use predict to look at a layer's output between a forward and its backward).`,
      );
    }
    return saved;
  }

  /** What the latest forward kept; uses it up. A `check` sees it first: when that throws, nothing is used up. */
  take(who: () => string, around: Pass | null, check?: (value: unknown) => void): unknown {
    const { value } = this.expect(who, around);
    check?.(value);
    this.#saved = undefined;
    return value;
  }

  /** Puts all away and returns the way back. */
  setAside(): () => void {
    const [training, saved, everSaved] = [this.training, this.#saved, this.#everSaved];
    return () => {
      this.training = training;
      this.#saved = saved;
      this.#everSaved = everSaved;
    };
  }
}
