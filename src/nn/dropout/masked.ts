// What dropout layers share: a mask that is drawn for each forward in train mode, and used again by its backward.
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Generator } from "../../numbers/random.js";
import { multiplyIn } from "../../ops/arithmetic.js";
import { dropoutMask } from "../../ops/dropout.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, memory } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Base of dropout layers; `p` is the probability of a zero. */
export abstract class Masked<S extends LayerSpec> extends Builtin<Tensor | null, S> {
  /** Probability of a zero. */
  readonly p: number;
  /** Where the draws come from; its state tells how far they are. */
  readonly generator = new Generator("dropout");

  /** @internal */
  constructor(spec: S, p: number) {
    super(spec, [p]);
    this.p = p;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const shape = this.maskShape(x.shape);
    const draws = pass.keeps && this[memory].training;
    const mask = draws ? dropoutMask(pass.room, x, shape, this.p, this.kept, this.generator) : null;
    pass.keep(mask);
    return mask === null ? x : this.apply(x, mask, pass);
  }

  [backward](dy: Tensor, mask: Tensor | null, pass: Pass): Tensor {
    return mask === null ? dy : multiplyIn(pass.room, dy, mask);
  }

  /** What the mask is where a number is kept. @internal */
  protected get kept(): number {
    return this.p === 1 ? 0 : 1 / (1 - this.p);
  }

  /** y from x and the mask. @internal */
  protected apply(x: Tensor, mask: Tensor, pass: Pass): Tensor {
    return multiplyIn(pass.room, x, mask);
  }

  /** The mask's shape; it is stretched over the input. */
  protected abstract maskShape(shape: Shape): Shape;
}
