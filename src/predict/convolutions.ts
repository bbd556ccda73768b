// Convolutions in one direction and in two. Sizes and their checks are those of ops.
import type { Kept, Workspace } from "../backend/kernels.js";
import { conv2d } from "../backend/wasm/conv2d.js";
import { pad2d } from "../backend/wasm/pad2d.js";
import { checkAlgorithm } from "../backend/convAlgorithm.js";
import { whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { positive, readOptions, trueOrFalse } from "../base/options.js";
import { asSequences, convPadding1d } from "../base/sequence.js";
import { LatestShapes, pair, type Sides } from "../base/shape.js";
import { planConv1d } from "../ops/conv1d.js";
import { CONV2D_OPTIONS, checkPaddingMode, planConv2d, type Conv2dPlan } from "../ops/conv2d.js";
import { padGeometry } from "../ops/pad2d.js";
import type { PadMode } from "../backend/kernels.js";
import { result, single, type Config, type Layer, type Value } from "./layer.js";

/** The image with borders, as a new one. */
export function bordered(
  x: Value,
  { top, bottom, left, right }: Sides,
  mode: PadMode,
  room: Workspace,
  filler: number = 0,
): Value {
  const [N, C, H, W] = x.shape;
  const y = result(room, [N, C, top + H + bottom, left + W + right]);
  pad2d.pad2d(padGeometry(x.shape, { top, bottom, left, right }, mode, filler), x.data, y.data);
  return y;
}

function convolved({ g, y: shape, border }: Conv2dPlan, x: Value, w: Kept, b: Kept | null, room: Workspace): Value {
  const image = border === null ? x : bordered(x, border.sides, border.mode, room);
  const y = result(room, shape);
  conv2d.conv2d(g, image.data, w, b, y.data);
  return y;
}

const BIAS = { check: trueOrFalse, default: true } as const;

/** Channels in and out, of which the groups each have a part. */
export function channels({ type, args }: Config, groups: number): [from: number, to: number] {
  const [from, to] = [whole(type, "inChannels", args[0], 1), whole(type, "outChannels", args[1], 1)];
  if (from % groups === 0 && to % groups === 0) return [from, to];
  throw new ArgumentError(`${type}: expected groups to divide ${from} and ${to} channels, got ${groups}.`);
}

export function makeConv2d(config: Config): Layer {
  const { type, args, options } = config;
  const settings = readOptions(type, { ...CONV2D_OPTIONS, bias: BIAS }, options);
  const [from, to] = channels(config, settings.groups);
  const shape = [to, from / settings.groups, ...pair(type, "kernelSize", args[2], 1)];
  const w = config.parameter("weight", shape);
  const b = settings.bias ? config.parameter("bias", [to]) : null;
  const latest = new LatestShapes<Conv2dPlan>();
  return single((x, room) => {
    const plan = latest.get(x.shape, shape, (xs, ws) => planConv2d(type, xs, ws, settings));
    return convolved(plan, x, w, b, room);
  });
}

const CONV1D_OPTIONS = {
  stride: { check: positive, default: 1 },
  padding: { check: convPadding1d, default: 0 },
  paddingMode: { check: checkPaddingMode, default: "zeros" },
  dilation: { check: positive, default: 1 },
  groups: { check: positive, default: 1 },
  algorithm: { check: checkAlgorithm },
  bias: BIAS,
} as const;

export function makeConv1d(config: Config): Layer {
  const { type, args, options } = config;
  const settings = readOptions(type, CONV1D_OPTIONS, options);
  const [from, to] = channels(config, settings.groups);
  const shape = [to, from / settings.groups, whole(type, "kernelSize", args[2], 1)];
  const w = config.parameter("weight", shape);
  const b = settings.bias ? config.parameter("bias", [to]) : null;
  const latest = new LatestShapes<Conv2dPlan>();
  return single((x, room) => {
    const plan = latest.get(x.shape, shape, (xs, ws) => planConv1d(type, xs, ws, settings));
    const { data, shape: image } = convolved(plan, { data: x.data, shape: plan.x }, w, b, room);
    return { data, shape: asSequences(image) };
  });
}
