// Layers that change numbers and not the shape of images: activations, softmax, normalizations, factors; and Linear.
import type { Kept, KitActivationName, NormGeometry, Workspace } from "../backend/kernels.js";
import { activation } from "../backend/wasm/activation.js";
import { elementwise } from "../backend/wasm/elementwise.js";
import { activation as kitActivation } from "../backend/wasm/kit/activation.js";
import { norm } from "../backend/wasm/kit/norm.js";
import { prelu } from "../backend/wasm/kit/prelu.js";
import { matmul } from "../backend/wasm/matmul.js";
import { pool2d } from "../backend/wasm/pool2d.js";
import { softmax } from "../backend/wasm/softmax.js";
import { finite, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { trueOrFalse } from "../base/options.js";
import { broadcastShapes, checkAxis, sameShape, sizeOf, type Shape } from "../base/shape.js";
import { linearShape } from "../ops/linear.js";
import { alongChannels } from "../ops/localResponseNorm.js";
import { broadcastStrides } from "../ops/operands.js";
import { preluGeometry } from "../ops/prelu.js";
import { result, single, type Config, type Maker, type Value } from "./layer.js";
import { misfit } from "./resize.js";

/** Dropout and its kin: nothing happens in a prediction. */
export const identity: Maker = () => (xs) => xs;

/** A layer of a function of the first module. */
export function makeActivation(f: "relu" | "sigmoid" | "tanh"): Maker {
  return () =>
    single((x, room) => {
      const y = result(room, x.shape);
      activation.activation({ f }, x.data, y.data);
      return y;
    });
}

/** A layer of a function of the kit; a and b are numbers, or names of options. */
export function makeKitActivation(name: KitActivationName, a: number | string = 0, b: number | string = 0): Maker {
  return ({ type, options }) => {
    const read = (given: number | string): number =>
      typeof given === "number" ? given : finite(type, given, options[given]);
    const f = name === "gelu" && options.approximate === "tanh" ? "geluTanh" : name;
    const g = { f, a: read(a), b: read(b) };
    return single((x, room) => {
      const y = result(room, x.shape);
      kitActivation.kitActivation(g, x.data, y.data);
      return y;
    });
  };
}

/** A softmax or its logarithm; `dim` for one whose axis is fixed. */
export function makeSoftmax(kernel: "softmax" | "logSoftmax", dim?: number): Maker {
  return ({ type, options }) => {
    const axisOf = whole(type, "dim", dim ?? options.dim, -Infinity);
    return single((x, room) => {
      const axis = checkAxis(type, axisOf, x.shape.length);
      if (dim !== undefined && x.shape.length !== 4) throw misfit(type, "[N, C, H, W]", x.shape);
      const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
      const y = result(room, x.shape);
      softmax[kernel]({ outer, size: x.shape[axis], inner }, x.data, y.data);
      return y;
    });
  };
}

export const makePrelu: Maker = ({ type, options, parameter }) => {
  const slopes = whole(type, "numParameters", options.numParameters, 1);
  const w = parameter("weight", [slopes]);
  return single((x, room) => {
    if (slopes > 1 && x.shape[1] !== slopes) throw misfit(type, `[N, ${slopes}, ...]`, x.shape);
    const y = result(room, x.shape);
    prelu.prelu(preluGeometry(x.shape, slopes), x.data, w, y.data);
    return y;
  });
};

export const linear: Maker = ({ type, args, options, parameter }) => {
  const [K, N] = [whole(type, "inFeatures", args[0], 1), whole(type, "outFeatures", args[1], 1)];
  const w = parameter("weight", [N, K]);
  const b = trueOrFalse(type, "bias", options.bias) ? parameter("bias", [N]) : null;
  return single((x, room) => {
    const y = result(room, linearShape(type, x.shape, [N, K]));
    matmul.matmul({ M: x.shape[0], N, K, transA: false, transB: true }, x.data, w, b, y.data);
    return y;
  });
};

/** a op b, of values that broadcast. */
export function combined(
  op: "add" | "subtract" | "multiply",
  a: Value,
  b: { readonly data: Kept; readonly shape: Shape },
  room: Workspace,
): Value {
  const shape = broadcastShapes(op, a.shape, b.shape);
  const g = { shape, stridesA: broadcastStrides(a.shape, shape), stridesB: broadcastStrides(b.shape, shape) };
  const y = result(room, shape);
  elementwise[op](g, a.data, b.data, y.data);
  return y;
}

function constant(room: Workspace, value: number): Value {
  const y = result(room, []);
  y.data[0] = value;
  return y;
}

export const scale: Maker = ({ type, args, options, parameter }) => {
  const factor = finite(type, "factor", args[0]);
  const channels = options.channels === undefined ? 1 : whole(type, "channels", options.channels, 1);
  const learned = trueOrFalse(type, "learned", options.learned);
  const w = learned ? parameter("weight", [channels]) : null;
  return single((x, room) => {
    if (options.channels !== undefined && x.shape[1] !== channels) throw misfit(type, `[N, ${channels}, ...]`, x.shape);
    if (w === null) return combined("multiply", x, constant(room, factor), room);
    const shape = channels === 1 ? [] : [channels, ...x.shape.slice(2).map(() => 1)];
    return combined("multiply", x, { data: w, shape }, room);
  });
};

export const localResponseNorm: Maker = ({ type, args, options }) => {
  const size = whole(type, "size", args[0], 1);
  const [alpha, beta, k] = ["alpha", "beta", "k"].map((name) => finite(type, name, options[name]));
  return single((x, room) => {
    if (x.shape.length < 3) throw misfit(type, "[N, C, ...]", x.shape);
    const [means, logs, power] = [0, 1, 2].map(() => result(room, x.shape));
    pool2d.avgPool2d(alongChannels(x.shape, size), combined("multiply", x, x, room).data, means.data);
    const scaled = combined("multiply", means, constant(room, alpha), room);
    elementwise.log(combined("add", scaled, constant(room, k), room).data, logs.data);
    elementwise.exp(combined("multiply", logs, constant(room, -beta), room).data, power.data);
    return combined("multiply", x, power, room);
  });
};

// ---- normalizations

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
