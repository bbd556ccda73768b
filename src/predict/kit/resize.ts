// Layers that make images of another size from all of their pixels: resampling, and channels that become pixels.
import type { Workspace } from "../../backend/kernels.js";
import { shuffle } from "../../backend/wasm/kit/planes.js";
import { resample } from "../../backend/wasm/kit/resample2d.js";
import { oneOf, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { trueOrFalse } from "../../base/options.js";
import { LatestShapes, pair, type Pair } from "../../base/shape.js";
import { checkImages } from "../../ops/conv2d.js";
import { shuffleOf } from "../../ops/planes.js";
import { planesOf, type ResamplePlan } from "../../ops/resample2d.js";
import { planUpsample } from "../../ops/upsample.js";
import { misfit, result, single, type Maker, type Value } from "../layer.js";

/** The images of a plan's size. */
export function resampled({ x: from, y: to, taps }: ResamplePlan, x: Value, room: Workspace): Value {
  const y = result(room, to);
  resample.resample2d(planesOf(from, to), ...taps(), x.data, y.data);
  return y;
}

export const upsample: Maker = ({ type, options: o }) => {
  const factor = (value: unknown): Pair | undefined => {
    if (value === undefined) return undefined;
    const fits = Array.isArray(value) && value.length === 2 && value.every((each) => each > 0 && each < Infinity);
    if (fits) return value as unknown as Pair;
    throw new ArgumentError(`${type}: expected scaleFactor of more than 0.`);
  };
  const settings = {
    size: o.size === undefined ? undefined : pair(type, "size", o.size, 1),
    scaleFactor: factor(o.scaleFactor),
    mode: oneOf(type, "mode", o.mode, ["nearest", "nearest-exact", "bilinear", "bicubic"] as const),
    alignCorners: trueOrFalse(type, "alignCorners", o.alignCorners),
  };
  const latest = new LatestShapes<ResamplePlan>();
  return single((x, room) =>
    resampled(
      latest.get(x.shape, [], (shape) => planUpsample(type, shape, settings)),
      x,
      room,
    ),
  );
};

export const pixelShuffle: Maker = ({ type, args }) => {
  const f = whole(type, "upscaleFactor", args[0], 1);
  return single((x, room) => {
    checkImages(type, x.shape);
    const [N, C, H, W] = x.shape;
    if (C % (f * f) !== 0) throw misfit(type, `channels that ${f * f} divides`, x.shape);
    const y = result(room, [N, C / (f * f), H * f, W * f]);
    shuffle.pixelShuffle(shuffleOf(y.shape, f), x.data, y.data);
    return y;
  });
};

export const pixelUnshuffle: Maker = ({ type, args }) => {
  const f = whole(type, "downscaleFactor", args[0], 1);
  return single((x, room) => {
    checkImages(type, x.shape);
    const [N, C, H, W] = x.shape;
    if (H % f !== 0 || W % f !== 0) throw misfit(type, `images whose height and width ${f} divides`, x.shape);
    const y = result(room, [N, C * f * f, H / f, W / f]);
    shuffle.pixelUnshuffle(shuffleOf(x.shape, f), x.data, y.data);
    return y;
  });
};
