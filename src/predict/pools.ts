// Pools in one direction, in two and of a given output, and paddings. Sizes and their checks are those of ops.
import type { PadMode, Workspace } from "../backend/kernels.js";
import { adaptivePool, unpool } from "../backend/wasm/kit/planes.js";
import { pool2d } from "../backend/wasm/pool2d.js";
import { finite, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { pairFrom0, positive, positivePair, readOptions, trueOrFalse, wholeFrom0 } from "../base/options.js";
import { asSequences } from "../base/sequence.js";
import { LatestShapes, formatShape, pair, sameShape, sizeOf, type Shape, type Sides } from "../base/shape.js";
import { ADAPTIVE, adaptiveOutput, plainWindow } from "../nn/pool/adaptive.js";
import { asPool2d, checkPool1d } from "../nn/pool/pool1d.js";
import { AVG_POOL2D_OPTIONS, planAvgPool2d, type AvgPool2dPlan } from "../ops/avgPool2d.js";
import { MAX_POOL2D_OPTIONS, checkPoolPadding, planPool2d, type Pool2dPlan } from "../ops/maxPool2d.js";
import { padSteps, paddedShape } from "../ops/padImages.js";
import { planResample, planesOf, type ResamplePlan } from "../ops/resample2d.js";
import { meanTaps } from "../ops/taps.js";
import { bordered } from "./convolutions.js";
import { only, result, single, type Config, type Layer, type Maker, type Value } from "./layer.js";
import { averaged, misfit, resampled } from "./resize.js";

const FLAG = { check: trueOrFalse, default: false } as const;

function largest({ g, y: shape }: Pool2dPlan, x: Value, room: Workspace, indices: Int32Array | null = null): Value {
  const y = result(room, shape);
  pool2d.maxPool2d(g, x.data, y.data, indices);
  return y;
}

export const maxPool2d: Maker = ({ type, args, options }) => {
  const kernelSize = pair(type, "kernelSize", args[0], 1);
  const settings = { kernelSize, ...readOptions(type, { ...MAX_POOL2D_OPTIONS, returnIndices: FLAG }, options) };
  checkPoolPadding(type, settings);
  const latest = new LatestShapes<Pool2dPlan>();
  return single((x, room) =>
    largest(
      latest.get(x.shape, [], (shape) => planPool2d(type, shape, settings)),
      x,
      room,
    ),
  );
};

export const avgPool2d: Maker = ({ type, args, options }) => {
  const kernelSize = pair(type, "kernelSize", args[0], 1);
  const settings = { kernelSize, ...readOptions(type, AVG_POOL2D_OPTIONS, options) };
  checkPoolPadding(type, settings);
  const latest = new LatestShapes<AvgPool2dPlan>();
  return single((x, room) =>
    averaged(
      latest.get(x.shape, [], (shape) => planAvgPool2d(type, shape, settings)),
      x,
      room,
    ),
  );
};

const POOL1D_OPTIONS = {
  stride: { check: positive },
  padding: { check: wholeFrom0, default: 0 },
  ceilMode: FLAG,
} as const;

const sequences = ({ data, shape }: Value): Value => ({ data, shape: asSequences(shape) });

export const maxPool1d: Maker = ({ type, args, options }) => {
  const table = { ...POOL1D_OPTIONS, dilation: { check: positive, default: 1 }, returnIndices: FLAG } as const;
  const settings = { kernelSize: whole(type, "kernelSize", args[0], 1), ...readOptions(type, table, options) };
  checkPool1d(type, settings);
  const latest = new LatestShapes<Pool2dPlan>();
  return single((x, room) => {
    const plan = latest.get(x.shape, [], (shape) => planPool2d(type, ...asPool2d(type, shape, settings)));
    return sequences(largest(plan, { data: x.data, shape: plan.x }, room));
  });
};

export const avgPool1d: Maker = ({ type, args, options }) => {
  const table = { ...POOL1D_OPTIONS, countIncludePad: { check: trueOrFalse, default: true } } as const;
  const settings = { kernelSize: whole(type, "kernelSize", args[0], 1), ...readOptions(type, table, options) };
  checkPool1d(type, settings);
  const latest = new LatestShapes<AvgPool2dPlan>();
  return single((x, room) => {
    const plan = latest.get(x.shape, [], (shape) => {
      const [image, window] = asPool2d(type, shape, settings);
      const { countIncludePad } = settings;
      return planAvgPool2d(type, image, { ...window, countIncludePad, divisorOverride: undefined });
    });
    return sequences(averaged(plan, { data: x.data, shape: plan.x }, room));
  });
};

export const adaptiveAvgPool2d: Maker = ({ type, args }) => {
  const size = ADAPTIVE.outputSize.check(type, "outputSize", args[0]);
  const latest = new LatestShapes<AvgPool2dPlan | ResamplePlan>();
  const planOf = (x: Shape): AvgPool2dPlan | ResamplePlan => {
    const to = adaptiveOutput(type, x, size);
    const window = plainWindow(x, to);
    if (window === undefined) return planResample(type, x, to, () => [meanTaps(x[2], to[0]), meanTaps(x[3], to[1])]);
    return planAvgPool2d(type, x, { ...window, countIncludePad: true, divisorOverride: undefined });
  };
  return single((x, room) => {
    const plan = latest.get(x.shape, [], planOf);
    return "g" in plan ? averaged(plan, x, room) : resampled(plan, x, room);
  });
};

export const adaptiveMaxPool2d: Maker = ({ type, args }) => {
  const size = ADAPTIVE.outputSize.check(type, "outputSize", args[0]);
  const latest = new LatestShapes<Pool2dPlan | Shape>();
  return single((x, room) => {
    const plan = latest.get(x.shape, [], (shape) => {
      const to = adaptiveOutput(type, shape, size);
      const window = plainWindow(shape, to);
      return window === undefined ? [shape[0], shape[1], ...to] : planPool2d(type, shape, window);
    });
    if ("g" in plan) return largest(plan, x, room);
    const y = result(room, plan);
    adaptivePool.adaptiveMaxPool2d(planesOf(x.shape, plan), x.data, y.data, room.indices(y.data.length));
    return y;
  });
};

export const maxUnpool2d: Maker = ({ type, args, options, inside }) => {
  const kernelSize = pair(type, "kernelSize", args[0], 1);
  const table = { stride: { check: positivePair }, padding: { check: pairFrom0, default: 0 } } as const;
  const settings = { kernelSize, ceilMode: false, ...readOptions(type, table, options) };
  checkPoolPadding(type, settings);
  const body = inside("body", args[1]);
  const latest = new LatestShapes<Pool2dPlan>();
  return single((x, room) => {
    const plan = latest.get(x.shape, [], (shape) => planPool2d(type, shape, settings));
    const indices = room.indices(sizeOf(plan.y));
    const within = only(body, largest(plan, x, room, indices), room);
    if (!sameShape(within.shape, plan.y)) throw misfit(type, `a body that gives ${formatShape(plan.y)}`, within.shape);
    const y = result(room, plan.x);
    unpool.maxUnpool2d(planesOf(plan.y, plan.x), indices, within.data, y.data);
    return y;
  });
};

/** A layer that pads in this mode. */
export function makePad(mode: PadMode): Maker {
  return ({ type, args }: Config): Layer => {
    const given: readonly unknown[] = Array.isArray(args[0]) ? args[0] : [];
    if (given.length !== 4) throw new ArgumentError(`${type}: expected padding [top, bottom, left, right].`);
    const [top, bottom, left, right] = given.map((side) => whole(type, "padding", side, -Infinity));
    const sides: Sides = { top, bottom, left, right };
    const filler = args.length < 2 ? 0 : finite(type, "value", args[1]);
    const steps = padSteps(sides, mode === "circular");
    return single((x, room) => {
      paddedShape(type, x.shape, steps, mode);
      const image = steps.cut === null ? x : bordered(x, steps.cut, "constant", room);
      return bordered(image, steps.added, mode, room, filler);
    });
  };
}
