// Pools of a given output, and the way back of a max pooling.
import { adaptivePool, unpool } from "../../backend/wasm/kit/planes.js";
import { pairFrom0, positivePair, readOptions } from "../../base/options.js";
import { LatestShapes, formatShape, pair, sameShape, sizeOf, type Shape } from "../../base/shape.js";
import { ADAPTIVE, adaptiveOutput, plainWindow } from "../../nn/pool/adaptive.js";
import { planAvgPool2d, type AvgPool2dPlan } from "../../ops/avgPool2d.js";
import { checkPoolPadding, planPool2d, type Pool2dPlan } from "../../ops/maxPool2d.js";
import { planResample, planesOf, type ResamplePlan } from "../../ops/resample2d.js";
import { meanTaps } from "../../ops/taps.js";
import { misfit, only, result, single, type Maker } from "../layer.js";
import { averaged, largest } from "../pools.js";
import { resampled } from "./resize.js";

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
