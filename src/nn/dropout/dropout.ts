// Dropout: in train mode each number is 0 with probability p and else scaled by 1 / (1 - p). The mask is in ops/dropout.ts.
import { keep } from "../../backend/memory.js";
import { finite } from "../../base/check.js";
import { multiply } from "../../ops/arithmetic.js";
import { dropoutMask } from "../../ops/dropout.js";
import { Generator } from "../../numbers/random.js";
import type { Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

interface SavedMask {
  readonly mask: Tensor | null;
  readonly shape: Shape;
}

/**
 * y = x * mask with mask = 0 (probability p) or 1 / (1 - p), drawn anew for each forward; dx = dy * mask. In eval mode and in
 * predict y = x. p = 1 gives zeros and a zero gradient.
 *
 * Input and output of any one shape. The draws depend on the seed, on how many dropout layers were made before this one, and on
 * how often this one ran.
 *
 * @throws ArgumentError when p is not in [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @see Srivastava et al., JMLR 15 (2014)
 */
export class Dropout extends Layer<SavedMask> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  /** Probability of a zero. */
  readonly p: number;
  /** Where the draws come from; its state tells how far they are. */
  readonly generator = new Generator("dropout");

  constructor(p: number = 0.5) {
    super();
    this.p = finite(new.target.name, "p", p, 0, 1);
  }

  forward(x: Tensor): Tensor {
    checkTensor(this.who, "input", x);
    const maskShape = this.maskShape(x.shape);
    const mask = this.training ? dropoutMask(x, maskShape, this.p, this.generator) : null;
    this.save({ mask, shape: x.shape });
    return mask === null ? keep(x) : multiply(x, mask);
  }

  backward(dy: Tensor): Tensor {
    const { mask } = this.saved(({ shape }) => checkGradient(`${this.who}.backward`, shape, dy));
    return mask === null ? keep(dy) : multiply(dy, mask);
  }

  override outputShape(shape: Shape): Shape {
    this.maskShape(shape);
    return shape;
  }

  override config(): LayerConfig {
    return { type: "Dropout", args: [this.p] };
  }

  override describe(): string {
    return describeConfig(this.config(), {});
  }

  /** @internal Its name in messages. */
  protected get who(): string {
    return "Dropout";
  }

  /** Which numbers share a draw: here none. */
  protected maskShape(shape: Shape): Shape {
    return shape;
  }
}
