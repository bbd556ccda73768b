// Layers that change numbers and not the shape of images: activations, softmax, factors; and Linear.
import type { Kept, Workspace } from "../backend/kernels.js";
import { activation } from "../backend/wasm/activation.js";
import { elementwise } from "../backend/wasm/elementwise.js";
import { matmul } from "../backend/wasm/matmul.js";
import { pool2d } from "../backend/wasm/pool2d.js";
import { softmax } from "../backend/wasm/softmax.js";
import { finite, whole } from "../base/check.js";
import { trueOrFalse } from "../base/options.js";
import { broadcastShapes, checkAxis, sizeOf, type Shape } from "../base/shape.js";
import { linearShape } from "../ops/linear.js";
import { alongChannels } from "../ops/localResponseNorm.js";
import { broadcastStrides } from "../ops/operands.js";
import { misfit, result, single, type Maker, type Value } from "./layer.js";

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
