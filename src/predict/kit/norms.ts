// Normalizations, by the statistics of a file or by an input's own.
import type { Kept, NormGeometry, Workspace } from "../../backend/kernels.js";
import { norm } from "../../backend/wasm/kit/norm.js";
import { finite, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { sameShape, sizeOf, type Shape } from "../../base/shape.js";
import { misfit, result, single, type Config, type Maker, type Value } from "../layer.js";

// The statistics that a file holds, or null; and what a layer has learned.
interface Normal {
  readonly eps: number;
  readonly given: readonly [mean: Float32Array, variance: Float32Array] | null;
  readonly w: Kept | null;
  readonly b: Kept | null;
}

function readNormal({ type, options: o, parameter, buffer }: Config, shape: Shape, tracks: unknown): Normal {
  // BatchNorm and LayerNorm say of weight and bias apart whether they are there, the others of both.
  const has = (name: string): boolean =>
    [o[name], o.affine, o.elementwiseAffine].find((each) => each !== undefined) === true;
  const eps = finite(type, "eps", o.eps, 0);
  const w = has("weight") ? parameter("weight", shape) : null;
  const b = has("bias") ? parameter("bias", shape) : null;
  if (tracks !== true) return { eps, given: null, w, b };
  buffer("num_batches_tracked", []);
  return { eps, given: [buffer("running_mean", shape), buffer("running_var", shape)], w, b };
}

function normalized(x: Value, g: NormGeometry, { given, w, b }: Normal, room: Workspace): Value {
  const count = g.groups === 0 ? g.C : g.N * g.groups;
  const [mean, variance] = given ?? [room.floats(count), room.floats(count)];
  const y = result(room, x.shape);
  norm.normalize(g, x.data, mean, variance, w, b, y.data);
  return y;
}

/** A batch norm of inputs of so many axes. */
export function makeBatchNorm(...ranks: readonly number[]): Maker {
  return (config) => {
    const { type, args, options } = config;
    const C = whole(type, "numFeatures", args[0], 1);
    const normal = readNormal(config, [C], options.trackRunningStats);
    return single((x, room) => {
      const [N, channels, ...pixels] = x.shape;
      if (channels !== C || !ranks.includes(x.shape.length)) throw misfit(type, `[N, ${C}, ...]`, x.shape);
      const g = { N, C, P: sizeOf(pixels), groups: 0, eps: normal.eps, given: normal.given !== null };
      return normalized(x, g, normal, room);
    });
  };
}

export const instanceNorm2d: Maker = (config) => {
  const { type, args, options } = config;
  const C = whole(type, "numFeatures", args[0], 1);
  const normal = readNormal(config, [C], options.trackRunningStats);
  return single((x, room) => {
    const [N, channels, ...pixels] = x.shape;
    const [P, given] = [sizeOf(pixels), normal.given !== null];
    if (channels !== C || pixels.length !== 2 || (!given && P < 2)) throw misfit(type, `[N, ${C}, H, W]`, x.shape);
    return normalized(x, { N, C, P, groups: given ? 0 : C, eps: normal.eps, given }, normal, room);
  });
};

export const groupNorm: Maker = (config) => {
  const { type, args } = config;
  const [groups, C] = [whole(type, "numGroups", args[0], 1), whole(type, "numChannels", args[1], 1)];
  if (C % groups !== 0) throw new ArgumentError(`${type}: expected numGroups to divide ${C}, got ${groups}.`);
  const normal = readNormal(config, [C], false);
  return single((x, room) => {
    const [N, channels, ...pixels] = x.shape;
    if (channels !== C) throw misfit(type, `[N, ${C}, ...]`, x.shape);
    return normalized(x, { N, C, P: sizeOf(pixels), groups, eps: normal.eps, given: false }, normal, room);
  });
};

export const layerNorm: Maker = (config) => {
  const { type, args } = config;
  const list: readonly unknown[] = Array.isArray(args[0]) ? args[0] : [args[0]];
  const last = list.map((size) => whole(type, "normalizedShape", size, 1));
  const normal = readNormal(config, last, false);
  return single((x, room) => {
    const fits = x.shape.length > last.length && sameShape(x.shape.slice(-last.length), last);
    if (!fits) throw misfit(type, `[N, ..., ${last.join(", ")}]`, x.shape);
    const C = sizeOf(last);
    const g = { N: sizeOf(x.shape) / C, C, P: 1, groups: 1, eps: normal.eps, given: false };
    return normalized(x, g, normal, room);
  });
};
