// ZeroPad2d: images with zeros around them.
import { PADDING, PadLayer, type Padding2d } from "./padlayer.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "ZeroPad2d", args: PADDING } as const satisfies LayerSpec;

/**
 * Rows and columns of zeros around an image; dx is dy without them. A negative padding cuts off.
 *
 * Input [N, C, H, W], output [N, C, top + H + bottom, left + W + right]. The order of four sides is ours, [top, bottom, left,
 * right]; PyTorch's is left, right, top, bottom.
 *
 * @example
 * new ZeroPad2d([1, 2]).outputShape([8, 3, 10, 10]); // [8, 3, 12, 14]
 *
 * @throws ArgumentError for another form of padding
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
 */
export class ZeroPad2d extends PadLayer<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  protected readonly mode = "constant";

  constructor(padding: Padding2d) {
    super(SPEC, [padding]);
  }
}
