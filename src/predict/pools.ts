// Pools in one direction and in two, and paddings. Sizes and their checks are those of ops.
import type { PadMode, Workspace } from "../backend/kernels.js";
import { pool2d } from "../backend/wasm/pool2d.js";
import { finite, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { positive, readOptions, trueOrFalse, wholeFrom0 } from "../base/options.js";
import { asSequences } from "../base/sequence.js";
import { LatestShapes, pair, type Sides } from "../base/shape.js";
import { asPool2d, checkPool1d } from "../nn/pool/pool1d.js";
import { AVG_POOL2D_OPTIONS, planAvgPool2d, type AvgPool2dPlan } from "../ops/avgPool2d.js";
import { MAX_POOL2D_OPTIONS, checkPoolPadding, planPool2d, type Pool2dPlan } from "../ops/maxPool2d.js";
import { padSteps, paddedShape } from "../ops/padImages.js";
import { bordered } from "./convolutions.js";
import { result, single, type Config, type Layer, type Maker, type Value } from "./layer.js";

const FLAG = { check: trueOrFalse, default: false } as const;

/** The largest number of each window. */
export function largest(
  { g, y: shape }: Pool2dPlan,
  x: Value,
  room: Workspace,
  indices: Int32Array | null = null,
): Value {
  const y = result(room, shape);
  pool2d.maxPool2d(g, x.data, y.data, indices);
  return y;
}

/** The mean of each window. */
export function averaged({ g, y: shape }: AvgPool2dPlan, x: Value, room: Workspace): Value {
  const y = result(room, shape);
  pool2d.avgPool2d(g, x.data, y.data);
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
