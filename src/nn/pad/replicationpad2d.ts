// ReplicationPad2d: images whose edge is repeated.
import { PADDING, PadLayer, type Padding2d } from "./padlayer.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "ReplicationPad2d", args: PADDING } as const satisfies LayerSpec;

/**
 * Rows and columns that repeat the image's edge: 1 1 | 1 2 3 | 3 3. The gradient of the border goes back to the pixels that filled
 * it. A negative padding cuts off.
 *
 * Input [N, C, H, W], output [N, C, top + H + bottom, left + W + right]. The order of four sides is ours, [top, bottom, left,
 * right]; PyTorch's is left, right, top, bottom.
 *
 * @example
 * new ReplicationPad2d([1, 2]).outputShape([8, 3, 10, 10]); // [8, 3, 12, 14]
 *
 * @throws ArgumentError for another form of padding
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 */
export class ReplicationPad2d extends PadLayer<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  protected readonly mode = "replicate";

  constructor(padding: Padding2d) {
    super(SPEC, [padding]);
  }
}
