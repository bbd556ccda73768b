// Layers that give the same numbers another shape, and those that hold layers: sequences, branches, graphs and their joins.
import type { Workspace } from "../backend/kernels.js";
import { isRecord, oneOf, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { checkAxis, formatShape, sameShape, sizeOf } from "../base/shape.js";
import { placed } from "../nn/place.js";
import { concatInto, stretchedShape } from "../ops/join.js";
import { misfit, only, result, single, type Config, type Layer, type Maker, type Value } from "./layer.js";
import { combined } from "./numbers.js";

export const flatten: Maker = ({ type, options }) => {
  const [from, to] = ["startDim", "endDim"].map((name) => whole(type, name, options[name], -Infinity));
  return single(({ data, shape }) => {
    const [start, end] = [checkAxis(type, from, shape.length), checkAxis(type, to, shape.length)];
    if (end < start) throw misfit(type, `axes ${from} to ${to}`, shape);
    return { data, shape: [...shape.slice(0, start), sizeOf(shape.slice(start, end + 1)), ...shape.slice(end + 1)] };
  });
};

export const unflatten: Maker = ({ type, args }) => {
  const dim = whole(type, "dim", args[0], -Infinity);
  const sizes = (Array.isArray(args[1]) ? args[1] : []).map((size: unknown) => whole(type, "size", size, -1));
  return single(({ data, shape }) => {
    const axis = checkAxis(type, dim, shape.length);
    const rest = shape[axis] / sizeOf(sizes.filter((size) => size !== -1));
    const full = sizes.map((size) => (size === -1 ? rest : size));
    if (sizeOf(full) !== shape[axis] || !Number.isInteger(rest)) throw misfit(type, `${show(sizes)}`, shape);
    return { data, shape: [...shape.slice(0, axis), ...full, ...shape.slice(axis + 1)] };
  });
};

// A layer inside, whose errors say where it stands.
function placedLayer({ inside }: Config, name: string, config: unknown): Layer {
  const layer = inside(name, config);
  const run: Layer = (xs, room) => {
    try {
      return layer(xs, room);
    } catch (error) {
      throw placed(error, name);
    }
  };
  return Object.assign(run, { gives: layer.gives });
}

// [name, config, ...names] of each layer of a list.
function entriesOf({ type }: Config, list: unknown): [name: string, config: unknown, ...reads: string[]][] {
  if (!Array.isArray(list)) throw new ArgumentError(`${type}: expected a list of layers, got ${show(list)}.`);
  const bad = list.find((entry) => !Array.isArray(entry) || typeof entry[0] !== "string");
  if (bad !== undefined) throw new ArgumentError(`${type}: expected [name, layer], got ${show(bad)}.`);
  return list as [string, unknown, ...string[]][];
}

export const sequential: Maker = (config) => {
  const layers = entriesOf(config, config.args).map(([name, inner]) => placedLayer(config, name, inner));
  return (xs, room) => layers.reduce((values, layer) => layer(values, room), xs);
};

export const residual: Maker = (config) => {
  const { type, args } = config;
  const body = placedLayer(config, "body", args[0]);
  const shortcut = args.length < 2 ? null : placedLayer(config, "shortcut", args[1]);
  return single((x, room) => {
    const main = only(body, x, room);
    const side = shortcut === null ? x : only(shortcut, x, room);
    if (!sameShape(main.shape, side.shape)) throw apart(type, [main, side]);
    return combined("add", main, side, room);
  });
};

export const parallel: Maker = (config) => {
  const { type, args, options } = config;
  const layers = entriesOf(config, args[0]).map(([name, inner]) => placedLayer(config, name, inner));
  const mode = oneOf(type, "mode", options.mode, ["concatenate", "add"] as const);
  return single((x, room) => {
    const ys = layers.map((layer) => only(layer, x, room));
    if (mode === "concatenate") return concatenated(type, ys, 1, room);
    if (ys.some((y) => !sameShape(y.shape, ys[0].shape))) throw apart(type, ys);
    return ys.reduce((sum, y) => combined("add", sum, y, room));
  });
};

function apart(who: string, values: readonly Value[]): ShapeError {
  const got = values.map(({ shape }) => formatShape(shape)).join(" and ");
  return new ShapeError(`${who}: expected inputs that fit together, got ${got}.`);
}

function concatenated(who: string, parts: readonly Value[], axis: number, room: Workspace): Value {
  const [first] = parts.map(({ shape }) => shape);
  const fits = parts.every(
    ({ shape }) => shape.length === first.length && shape.every((size, i) => i === axis || size === first[i]),
  );
  if (!fits || axis >= first.length) throw apart(who, parts);
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  return concatInto(parts, axis, result(room, first.map((size, i) => (i === axis ? length : size)))); // prettier-ignore
}

export const concat: Maker = ({ type, options }) => {
  const dim = whole(type, "dim", options.dim, -Infinity);
  return (xs, room) => [concatenated(type, xs, checkAxis(type, dim, xs[0].shape.length), room)];
};

/** A join of several inputs, one after the other. */
export function makeJoin(op: "add" | "subtract" | "multiply"): Maker {
  return ({ type }) =>
    (xs, room) => {
      stretchedShape(
        xs.map(({ shape }) => shape),
        () => apart(type, xs),
      );
      return [xs.reduce((y, x) => combined(op, y, x, room))];
    };
}

export const graph: Maker = (config) => {
  const { type, args, options } = config;
  const names = (list: unknown): string[] => {
    if (Array.isArray(list) && list.length > 0 && list.every((name) => typeof name === "string")) return list;
    throw new ArgumentError(`${type}: expected names of inputs and outputs, got ${show(list)}.`);
  };
  const [inputs, outputs] = [names(options.inputs), names(options.outputs)];
  const places = new Map(inputs.map((name, place) => [name, place]));
  const placeOf = (name: string): number => {
    const place = places.get(name);
    if (place === undefined) throw new ArgumentError(`${type}: expected the name of a node, got ${show(name)}.`);
    return place;
  };
  const nodes = entriesOf(config, args[0]).map(([name, inner, ...reads]) => {
    const layer = placedLayer(config, name, inner);
    const from = reads.map(placeOf);
    const gives = layer.gives === undefined ? [name] : layer.gives.map((output) => `${name}.${output}`);
    const to = gives.map((output) => {
      places.set(output, places.size);
      return places.size - 1;
    });
    return { layer, from, to };
  });
  const ends = outputs.map(placeOf);
  const run: Layer = (xs, room) => {
    if (xs.length !== inputs.length) throw apart(type, xs);
    const values = [...xs];
    for (const { layer, from, to } of nodes) {
      const ys = layer(
        from.map((place) => values[place]),
        room,
      );
      to.forEach((place, i) => (values[place] = ys[i]));
    }
    return ends.map((place) => values[place]);
  };
  return outputs.length > 1 ? Object.assign(run, { gives: outputs }) : run;
};

/** Whether a value is a layer's config. */
export function isConfig(
  value: unknown,
): value is { type: string; args: unknown[]; options?: Record<string, unknown> } {
  if (!isRecord(value) || typeof value.type !== "string" || !Array.isArray(value.args)) return false;
  return value.options === undefined || isRecord(value.options);
}
