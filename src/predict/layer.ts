// What a layer is to somebody who only predicts: a function of values, made from what a model file says of it. No classes, no
// gradients, no modes.
import type { Stored } from "../base/stored.js";
import { ShapeError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import type { Workspace } from "../backend/kernels.js";

/** Numbers and their shape. A Tensor is one. */
export interface Value {
  /** The numbers, row-major. */
  readonly data: Float32Array;
  /** Sizes of the axes, the batch first. */
  readonly shape: Shape;
}

/** One pass of a layer: reads its inputs, and puts what it makes into the workspace. */
export interface Layer {
  (xs: readonly Value[], room: Workspace): readonly Value[];
  /** Names of its outputs, for one with several. */
  readonly gives?: readonly string[];
}

/** A layer as a model file has it: its type, what its constructor takes, and where in the model it stands. */
export interface Config {
  readonly type: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  /** A parameter of this layer: that it is in the file, and of this shape, is checked. */
  parameter(name: string, shape: Shape): Stored;
  /** The same for numbers that no kernel keeps. */
  buffer(name: string, shape: Shape): Float32Array;
  /** A layer inside, which stands under `name`; `config` is what the file has for it. */
  inside(name: string, config: unknown): Layer;
}

/** Makes a layer from its config; throws for what cannot be one. */
export type Maker = (config: Config) => Layer;

/** A layer of one input and one output. */
export function single(run: (x: Value, room: Workspace) => Value): Layer {
  return ([x], room) => [run(x, room)];
}

/** Room for a result. */
export function result(room: Workspace, shape: Shape): Value {
  return { data: room.floats(sizeOf(shape)), shape };
}

/** The only result of a layer that has one. */
export function only(layer: Layer, x: Value, room: Workspace): Value {
  return layer([x], room)[0];
}

/** An input that does not fit. */
export function misfit(who: string, expected: string, got: Shape): ShapeError {
  return new ShapeError(`${who}: expected ${expected}, got input ${formatShape(got)}.`);
}
