// watch: looks at the layers of a model while it runs, and may put other tensors in the place of theirs. The public form of a tap.
import { isRecord, knownKeys, show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import { Layer } from "./layer.js";
import type { PassKind } from "./pass.js";
import { layerAt } from "./paths.js";
import type { LayerLike } from "./container/entries.js";
import { tap, type Tap } from "./tap.js";

/** A layer that has run. The tensors are copies of its own. */
export interface LayerForward {
  /** The layer. */
  readonly layer: Layer;
  /** Its place in the model, such as "features.3"; "" for the model itself. */
  readonly path: string;
  /** Whether it ran in a forward or in a prediction. A large prediction is cut into parts, and each is a run. */
  readonly kind: PassKind;
  /** What went in; of several inputs the first. */
  readonly x: Tensor;
  /** What came out; of several outputs the first. */
  readonly y: Tensor;
  /** All inputs: one, or those of a join in a Graph. */
  readonly xs: readonly Tensor[];
  /** All outputs: one, or those of a Graph. */
  readonly ys: readonly Tensor[];
}

/** A layer whose backward has run. The tensors are copies of its own. */
export interface LayerBackward {
  /** The layer. */
  readonly layer: Layer;
  /** Its place in the model, such as "features.3"; "" for the model itself. */
  readonly path: string;
  /** Gradient of its output; of several the first. Undefined where there is none. */
  readonly dy: Tensor | undefined;
  /** Gradient of its input; of several the first. Undefined where nobody wants it. */
  readonly dx: Tensor | undefined;
  /** Gradients of all outputs. */
  readonly dys: readonly (Tensor | undefined)[];
  /** Gradients of all inputs. */
  readonly dxs: readonly (Tensor | undefined)[];
}

/** What {@link watch} looks at. */
export interface Watching {
  /** The layers to look at, by path or as objects. Default: all, containers and the model itself among them. */
  readonly layers?: readonly (string | LayerLike)[];
  /** Called behind each layer that has run. A tensor that it returns goes on in the place of y. */
  readonly forward?: (run: LayerForward) => Tensor | void;
  /** Called behind each layer whose backward has run. A tensor that it returns goes on in the place of dx. */
  readonly backward?: (run: LayerBackward) => Tensor | void;
}

/**
 * Runs `work` and tells of every layer of the model that runs meanwhile: what it took and gave, in forward, predict and backward.
 * What is returned goes on in the place of y or dx, in their shape (for a layer with one output, or one input). Returns what
 * `work` returns; a Promise is watched until it settles. Nothing else changes: numbers, modes and what is kept are those of a run
 * that nobody watches.
 *
 * Layers in a layer of your own are watched where they are its public fields. It costs a copy of each tensor that is told.
 *
 * @example
 * const shapes: string[] = [];
 * watch(model, { forward: ({ path, y }) => void shapes.push(`${path}: ${y.shape}`) }, () => model.predict(x));
 *
 * @throws ArgumentError for a layer that is not in the model, ShapeError for a tensor that does not fit its place
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html, register_forward_hook and register_full_backward_hook
 */
export function watch<T>(model: Layer, watching: Watching, work: () => T): T {
  const who = "watch";
  if (!(model instanceof Layer)) {
    throw new ArgumentError(`${who}: expected a model, got ${show(model)}${fromOtherCopy(model, LAYER)}.`);
  }
  if (!isRecord(watching)) {
    throw new ArgumentError(
      `${who}: expected what to call, as { forward: ({ path, y }) => ... }, got ${show(watching)}.`,
    );
  }
  knownKeys(who, watching, ["layers", "forward", "backward"]);
  const { layers, forward, backward } = watching as Watching;
  for (const [name, given] of [
    ["forward", forward],
    ["backward", backward],
  ] as const) {
    if (given === undefined || typeof given === "function") continue;
    throw new ArgumentError(`${who}: expected ${name} to be a function, got ${show(given)}.`);
  }
  if (forward === undefined && backward === undefined) {
    throw new ArgumentError(`${who}: expected forward or backward to be called, got neither.`);
  }
  if (layers !== undefined && !Array.isArray(layers)) {
    throw new ArgumentError(`${who}: expected layers as a list, such as ["features.3"], got ${show(layers)}.`);
  }
  if (typeof work !== "function") {
    throw new ArgumentError(`${who}: expected a function that runs the model, got ${show(work)}.`);
  }
  const chosen = layers?.map((each, i) => layerAt(who, model, `layers[${i}]`, each)[1]);
  return whileTapped(tap(model, copying(who, forward, backward), chosen === undefined ? null : new Set(chosen)), work);
}

/** Runs `work`, to the end of its Promise if it returns one, then `stop`. */
export function whileTapped<T>(stop: () => void, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    stop();
    throw error;
  }
  if (typeof (result as PromiseLike<unknown> | null)?.then !== "function") {
    stop();
    return result;
  }
  return Promise.resolve(result).finally(stop) as T;
}

// Everybody who is told gets copies, so that what is held stays as it was.
function copying(who: string, forward: Watching["forward"], backward: Watching["backward"]): Tap {
  const inputs = new Map<Layer, readonly Tensor[]>();
  const copies = <X extends Tensor | undefined>(tensors: readonly X[]): readonly X[] =>
    tensors.map((each) => each?.clone() as X);
  const ahead: Tap = {
    who,
    inputs: ({ layer }, xs) => void inputs.set(layer, copies(xs)),
    outputs: ({ layer, path, kind }, given) => {
      const [xs, ys] = [inputs.get(layer) ?? [], copies(given)];
      inputs.delete(layer);
      return forward?.({ layer, path, kind: kind as PassKind, x: xs[0], y: ys[0], xs, ys });
    },
  };
  const back: Tap = {
    who,
    gradients: ({ layer, path }, givenDys, givenDxs) => {
      const [dys, dxs] = [copies(givenDys), copies(givenDxs)];
      return backward?.({ layer, path, dy: dys[0], dx: dxs[0], dys, dxs });
    },
  };
  return { ...(forward === undefined ? {} : ahead), ...(backward === undefined ? {} : back), who };
}
