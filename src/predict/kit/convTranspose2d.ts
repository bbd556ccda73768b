// The transposed convolution. Its kernel is that of the first module, which stands in the kit's here: load brings it.
import type { Kept } from "../../backend/kernels.js";
import { conv2d } from "../../backend/wasm/conv2d.js";
import { elementwise } from "../../backend/wasm/elementwise.js";
import { load } from "../../backend/wasm/kit/load.js";
import { readOptions } from "../../base/options.js";
import { LatestShapes, pair, type Shape } from "../../base/shape.js";
import {
  CONV_TRANSPOSE2D_OPTIONS,
  checkOutputPadding,
  planConvTranspose2d,
  type ConvTranspose2dPlan,
} from "../../ops/convTranspose2d.js";
import { bordered, channels } from "../convolutions.js";
import { result, single, type Config, type Layer } from "../layer.js";

export function makeConvTranspose2d(config: Config): Layer {
  const { type, args, options } = config;
  const settings = readOptions(type, CONV_TRANSPOSE2D_OPTIONS, options);
  checkOutputPadding(type, settings);
  const [from, to] = channels(config, settings.groups);
  const shape = [from, to / settings.groups, ...pair(type, "kernelSize", args[2], 1)];
  const w = config.parameter("weight", shape);
  const b = settings.bias ? config.parameter("bias", [to]) : null;
  const latest = new LatestShapes<ConvTranspose2dPlan>();
  return single((x, room) => {
    load();
    const { conv, rest } = latest.get(x.shape, shape, (xs, ws) => planConvTranspose2d(type, xs, ws, settings));
    const reached = result(room, conv.x);
    conv2d.conv2dInputGrad(conv.g, x.data, w, reached.data);
    const y = rest === null ? reached : bordered(reached, rest, "constant", room);
    if (b !== null) addToChannels(b, y.shape, y.data);
    return y;
  });
}

function addToChannels(b: Kept, shape: Shape, y: Float32Array): void {
  const [, C, H, W] = shape;
  const stridesA = [C * H * W, H * W, W, 1];
  elementwise.add({ shape, stridesA, stridesB: [0, 1, 0, 0] }, y, b, y);
}
