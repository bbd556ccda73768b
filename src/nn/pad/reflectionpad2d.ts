// ReflectionPad2d: images mirrored at their edges.
import { PADDING, PadLayer, type Padding2d } from "./padlayer.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "ReflectionPad2d", args: PADDING } as const satisfies LayerSpec;

/**
 * Rows and columns that mirror the image at its edge pixel, which is not repeated: 3 2 | 1 2 3 | 2 1. The gradient of the border goes
 * back to the pixels that filled it. A negative padding cuts off.
 *
 * Input [N, C, H, W], output [N, C, top + H + bottom, left + W + right]. The order of four sides is ours, [top, bottom, left,
 * right]; PyTorch's is left, right, top, bottom.
 *
 * @example
 * new ReflectionPad2d([1, 2]).outputShape([8, 3, 10, 10]); // [8, 3, 12, 14]
 *
 * @throws ArgumentError for another form of padding
 * @throws ShapeError for an image that is not larger than the padding
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 */
export class ReflectionPad2d extends PadLayer<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  protected readonly mode = "reflect";

  constructor(padding: Padding2d) {
    super(SPEC, [padding]);
  }
}
