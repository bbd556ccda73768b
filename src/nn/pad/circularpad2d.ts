// CircularPad2d: images that go on at the other side.
import { PADDING, PadLayer, type Padding2d } from "./padlayer.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "CircularPad2d", args: PADDING } as const satisfies LayerSpec;

/**
 * Rows and columns from the image's opposite side: 2 3 | 1 2 3 | 1 2. The gradient of the border goes back to the pixels that filled
 * it. A negative padding cuts off, before the image goes on.
 *
 * Input [N, C, H, W], output [N, C, top + H + bottom, left + W + right]. The order of four sides is ours, [top, bottom, left,
 * right]; PyTorch's is left, right, top, bottom.
 *
 * @example
 * new CircularPad2d([1, 2]).outputShape([8, 3, 10, 10]); // [8, 3, 12, 14]
 *
 * @throws ArgumentError for another form of padding
 * @throws ShapeError for an image that is smaller than the padding
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
 */
export class CircularPad2d extends PadLayer<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  protected readonly mode = "circular";
  // What goes on at the other side is the image as it was cut.
  protected override readonly cutsFirst = true;

  constructor(padding: Padding2d) {
    super(SPEC, [padding]);
  }
}
