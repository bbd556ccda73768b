// ConstantPad2d: images with one number around them.
import { anyFinite } from "../../base/options.js";
import type { LayerSpec } from "../spec.js";
import { PADDING, PadLayer, type Padding2d } from "./padlayer.js";

const SPEC = { type: "ConstantPad2d", args: { ...PADDING, value: { check: anyFinite } } } as const satisfies LayerSpec;

/**
 * Rows and columns of one number around an image; dx is dy without them. A negative padding cuts off.
 *
 * Input [N, C, H, W], output [N, C, top + H + bottom, left + W + right]. The order of four sides is ours, [top, bottom, left,
 * right]; PyTorch's is left, right, top, bottom.
 *
 * @example
 * new ConstantPad2d(1, 0.5).outputShape([8, 3, 10, 10]); // [8, 3, 12, 12]
 *
 * @throws ArgumentError for another form of padding, or a value that is not a finite number
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
 */
export class ConstantPad2d extends PadLayer<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  protected readonly mode = "constant";
  protected override readonly filler: number;

  constructor(padding: Padding2d, value: number) {
    super(SPEC, [padding, value]);
    this.filler = this.settings.value;
  }
}
