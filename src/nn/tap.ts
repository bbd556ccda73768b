// Taps on the layers of a model: who sees the tensors of a pass, and may put others in their place. The door tells of this
// package's layers; a layer from elsewhere may be called by the program itself, without the door, so its functions are tapped.
import { copyInto } from "../backend/memory.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, sameShape } from "../base/shape.js";
import { checkTensor, type Tensor } from "../base/tensor.js";
import type { BackwardOptions, Layer } from "./layer.js";
import { passAround, type Pass, type PassKind } from "./pass.js";
import { namedLayers } from "./paths.js";
import { spec, typeName } from "./protocol.js";
import { addWatcher, type Gradients, type Watcher } from "./watcher.js";

/** A layer in a pass. */
export interface Place {
  readonly layer: Layer;
  readonly path: string;
  readonly kind: PassKind | "backward";
}

/**
 * What a tap does. The tensors are those of the pass: they are good while the function runs, and nobody writes into them. What
 * is returned goes on in their place.
 */
export interface Tap {
  /** Says it in errors. */
  readonly who: string;
  /** Before a layer runs: the next layer may write into what this one reads. */
  inputs?(at: Place, xs: readonly Tensor[]): void;
  outputs?(at: Place, ys: readonly Tensor[]): Tensor | void;
  /** dy before a backward reads it. */
  upstream?(at: Place, dys: Gradients): Tensor | void;
  gradients?(at: Place, dys: Gradients, dxs: Gradients): Tensor | void;
}

/** Taps the layers of a model, or those among them that are chosen; returns what takes the tap away. */
export function tap(model: Layer, to: Tap, chosen: ReadonlySet<Layer> | null = null): () => void {
  const all = namedLayers(model).filter(([, layer]) => chosen === null || chosen.has(layer));
  const own = new Map(all.filter(([, layer]) => layer[spec] !== null).map(([path, layer]) => [layer, path]));
  const undo = [addWatcher(watcherOf(to, own))];
  for (const [path, layer] of all) if (layer[spec] === null) undo.push(tapForeign(layer, path, to));
  return () => undo.forEach((each) => each());
}

function watcherOf(to: Tap, paths: ReadonlyMap<Layer, string>): Watcher {
  const place = (layer: Layer, kind: Place["kind"]): Place | undefined => {
    const path = paths.get(layer);
    return path === undefined ? undefined : { layer, path, kind };
  };
  // What was put in the place of a tensor joins the pass: in a prediction the next layer may write into it.
  const joined = <T extends Tensor | undefined>(pass: Pass, before: readonly T[], next: readonly T[]): readonly T[] =>
    next === before ? before : next.map((each) => (each === undefined ? each : (copyInto(pass.room, each) as T)));
  return {
    before(layer, { kind }, xs) {
      const at = place(layer, kind);
      if (at !== undefined) to.inputs?.(at, xs);
    },
    after(layer, pass, _xs, ys) {
      const at = place(layer, pass.kind);
      return at === undefined ? ys : joined(pass, ys, replaced(to, at, "y", ys, to.outputs?.(at, ys)));
    },
    beforeBack(layer, pass, dys) {
      const at = place(layer, "backward");
      return at === undefined ? dys : joined(pass, dys, replaced(to, at, "dy", dys, to.upstream?.(at, dys)));
    },
    afterBack(layer, pass, dys, dxs) {
      const at = place(layer, "backward");
      return at === undefined ? dxs : joined(pass, dxs, replaced(to, at, "dx", dxs, to.gradients?.(at, dys, dxs)));
    },
    loss: () => undefined,
    step: () => undefined,
  };
}

// The tensors that go on: what was returned in the place of the only one, or those that are there.
function replaced<T extends Tensor | undefined>(
  { who }: Tap,
  { path, layer }: Place,
  what: string,
  before: readonly T[],
  returned: unknown,
): readonly T[] {
  if (returned === undefined) return before;
  const name = `${path === "" ? "" : `${path} `}${layer[typeName]}`;
  const next = checkTensor(who, `what is returned for ${what} of ${name}`, returned);
  const [only, ...others] = before;
  if (only === undefined || others.length > 0) {
    throw new ArgumentError(
      `${who}: expected nothing to be returned for ${what} of ${name}, which has ${only === undefined ? "none" : before.length}, ` +
        `got a tensor ${formatShape(next.shape)}.`,
    );
  }
  if (!sameShape(next.shape, only.shape) || next.dtype !== only.dtype) {
    throw new ShapeError(
      `${who}: expected a ${only.dtype} tensor ${formatShape(only.shape)} in the place of ${what} of ${name}, got ` +
        `${next.dtype} ${formatShape(next.shape)}.`,
    );
  }
  return [next as T];
}

// Layers from elsewhere that are tapped now.
const tapped = new Map<Layer, { taps: readonly (readonly [path: string, to: Tap])[]; restore: () => void }>();

function tapForeign(layer: Layer, path: string, to: Tap): () => void {
  const known = tapped.get(layer) ?? { taps: [], restore: replaceFunctions(layer) };
  const entry = [path, to] as const;
  known.taps = [...known.taps, entry];
  tapped.set(layer, known);
  return () => {
    known.taps = known.taps.filter((each) => each !== entry);
    if (known.taps.length > 0) return;
    tapped.delete(layer);
    known.restore();
  };
}

// Puts functions that tell the taps before the layer's own, where no walk over its fields sees them, and returns the way back.
function replaceFunctions(layer: Layer): () => void {
  const { forward, predict, backward } = layer;
  let runs = false; // a predict calls forward, as a rule: that is one run
  const run = (kind: PassKind, x: Tensor, original: (x: Tensor) => Tensor): Tensor => {
    if (runs) return original.call(layer, x);
    const told = passAround(layer)?.kind ?? kind;
    runs = true;
    try {
      each(layer, told, (to, at) => to.inputs?.(at, [x]));
      let y: unknown = original.call(layer, x);
      each(layer, told, (to, at) => {
        const ys = [checkTensor(`${layer[typeName]}.forward`, "its result", y)];
        [y] = replaced(to, at, "y", ys, to.outputs?.(at, ys));
      });
      return y as Tensor;
    } finally {
      runs = false;
    }
  };
  return withFunctions(layer, {
    forward: (x: Tensor) => run("forward", x, forward),
    predict: (x: Tensor) => run("predict", x, predict),
    backward: (dy: Tensor, options?: BackwardOptions) => {
      let upstream = dy;
      each(layer, "backward", (to, at) => {
        [upstream] = replaced(to, at, "dy", [upstream], to.upstream?.(at, [upstream]));
      });
      let dx: unknown = backward.call(layer, upstream, options);
      each(layer, "backward", (to, at) => {
        const dxs = [options?.inputGrad === false ? undefined : checkTensor(layer[typeName], "its result", dx)];
        [dx] = replaced(to, at, "dx", dxs, to.gradients?.(at, [upstream], dxs));
      });
      return dx as Tensor;
    },
  });
}

function each(layer: Layer, kind: Place["kind"], tell: (to: Tap, at: Place) => void): void {
  for (const [path, to] of tapped.get(layer)?.taps ?? []) tell(to, { layer, path, kind });
}

function withFunctions(layer: Layer, functions: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(functions).map((name) => [name, Object.getOwnPropertyDescriptor(layer, name)] as const);
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(layer, name, { value, configurable: true, enumerable: false, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(layer, name);
      else Object.defineProperty(layer, name, descriptor);
    }
  };
}
