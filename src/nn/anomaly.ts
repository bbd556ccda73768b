// detectAnomaly: finds the first layer and pass in which a number is not finite. While it runs, the layers of the model carry
// forward and backward functions of their own that look at all numbers; a model that is not watched pays nothing.
import { show } from "../base/check.js";
import { AnomalyError, ArgumentError, type AnomalyPlace } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { typeOf } from "./describe.js";
import { Layer, type BackwardOptions } from "./layer.js";
import type { Parameter } from "./parameter.js";
import { isPlain } from "./container/sequential.js";
import { setWatcher, type Watcher } from "./watcher.js";

/**
 * Runs `work` and throws an {@link AnomalyError} at the first layer, pass and place where NaN or an infinity appears in the
 * model: in an input, an output, a parameter, a gradient; in the loss; or in a parameter after an optimizer's step. The
 * message tells whether what went into the layer was still finite. Returns what `work` returns; a Promise is watched until
 * it settles.
 *
 * Every number is looked at, so it is slow: for the search after a mistake.
 *
 * @param model the model, or any layer; layers in a layer of your own are watched, too
 *
 * @example
 * detectAnomaly(model, () => train(model));
 * // AnomalyError: features.3 Conv2d.forward: expected finite outputs [8, 16, 26, 26], got Infinity at [0, 2, 5, 1] ...
 *
 * @throws AnomalyError at the first number that is not finite
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.detect_anomaly
 */
export function detectAnomaly<T>(model: Layer, work: () => T): T {
  if (!(model instanceof Layer)) {
    const got: unknown = model;
    throw new ArgumentError(
      `detectAnomaly: expected a model, got ${show(got)} (detectAnomaly(model, () => { ... }) watches it meanwhile).`,
    );
  }
  if (typeof work !== "function") {
    throw new ArgumentError(`detectAnomaly: expected a function that runs the model, got ${show(work)}.`);
  }
  const stop = watch(model);
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

// Models under watch, for the names of their parameters; one may be watched several times.
const models: Layer[] = [];
// What takes the functions off a layer again, and how many watch it.
const watched = new WeakMap<Layer, { count: number; restore: () => void }>();

function watch(model: Layer): () => void {
  const layers: Layer[] = [];
  const visit = (layer: Layer, path: string): void => {
    layers.push(layer);
    dress(layer, path);
    for (const [name, child] of layer.namedChildren()) visit(child, path === "" ? name : `${path}.${name}`);
  };
  visit(model, "");
  models.push(model);
  setWatcher(WATCHER);
  return () => {
    for (const layer of layers) {
      const state = watched.get(layer);
      if (state === undefined || --state.count > 0) continue;
      state.restore();
      watched.delete(layer);
    }
    models.splice(models.indexOf(model), 1);
    if (models.length === 0) setWatcher(null);
  };
}

function dress(layer: Layer, path: string): void {
  const state = watched.get(layer);
  if (state !== undefined) {
    state.count++;
    return;
  }
  // A Sequential has no numbers of its own, and its walk must stay the one it is.
  const undo = isPlain(layer) ? [] : [dressForward(layer, path, "forward"), dressBackward(layer, path)];
  if (!isPlain(layer) && layer.predict !== Layer.prototype.predict) undo.push(dressForward(layer, path, "predict"));
  watched.set(layer, { count: 1, restore: () => undo.forEach((each) => each()) });
}

function dressForward(layer: Layer, path: string, method: "forward" | "predict"): () => void {
  const original = layer[method].bind(layer);
  return replace(layer, method, (x: Tensor): Tensor => {
    const { saving } = layer as unknown as { readonly saving: boolean };
    const pass = saving && method === "forward" ? "forward" : "predict";
    const place = { path, pass, who: typeOf(layer) } as const;
    expectFinite(place, "inputs", x, "nothing before it in the model made it: look at the data");
    for (const [name, { value }] of layer.namedState()) {
      expectFinite(place, "parameters", value, `in ${name}: a step or the program wrote it`, name);
    }
    const y = original(x);
    expectFinite(place, "outputs", y, `input and parameters are finite${largest("input", x)}`);
    return y;
  });
}

function dressBackward(layer: Layer, path: string): () => void {
  const original = layer.backward.bind(layer) as (dy: Tensor, options?: BackwardOptions) => Tensor | undefined;
  return replace(layer, "backward", (dy: Tensor, options?: BackwardOptions): Tensor | undefined => {
    const place = { path, pass: "backward", who: typeOf(layer) } as const;
    expectFinite(place, "gradients dy", dy, "no layer behind it made it: look at the loss and what it is given");
    for (const [name, parameter] of layer.namedParameters()) {
      if (!parameter.hasGrad) continue;
      expectFinite(place, `gradients before it`, parameter.grad, `in ${name}: left from an earlier backward`, name);
    }
    const dx = original(dy, options);
    for (const [name, parameter] of layer.namedParameters()) {
      if (!parameter.hasGrad) continue;
      const remedy = `in that of ${name}; dy is finite${largest("dy", dy)}`;
      expectFinite(place, "gradients of its parameters", parameter.grad, remedy, name);
    }
    expectFinite(place, "gradients of its input", dx, `dy is finite${largest("dy", dy)}`);
    return dx;
  });
}

// An own property hides the method of the class; it is not enumerable, so that it counts as no field of the layer.
function replace(layer: Layer, method: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(layer, method);
  Object.defineProperty(layer, method, { value, configurable: true, writable: true, enumerable: false });
  return () => {
    Reflect.deleteProperty(layer, method);
    if (before !== undefined) Object.defineProperty(layer, method, before);
  };
}

const WATCHER: Watcher = {
  loss(who, what, numbers) {
    const tensor = typeof numbers === "number" ? new Tensor([numbers], []) : numbers;
    const remedy = what === "logits" ? "no watched model made it" : "what it was given is finite";
    expectFinite({ path: "", pass: "loss", who }, what, tensor, remedy);
  },
  step(who, parameter, place, when) {
    const name = nameOf(parameter) ?? `parameter ${place}`;
    const at = { path: "", pass: "step", who } as const;
    if (when === "before") {
      expectFinite(at, "gradients", parameter.grad, `in that of ${name}`, name);
      expectFinite(at, "parameters", parameter.value, `in ${name}, before the step`, name);
    } else {
      const remedy = `in ${name}, which this step made${largest("gradient", parameter.grad)}; try a smaller learning rate`;
      expectFinite(at, "parameters", parameter.value, remedy, name);
    }
  },
};

function nameOf(parameter: Parameter): string | undefined {
  for (const model of models) {
    const found = model.namedParameters().find(([, each]) => each === parameter);
    if (found !== undefined) return found[0];
  }
  return undefined;
}

function expectFinite(
  { path, pass, who }: Pick<AnomalyPlace, "path" | "pass"> & { readonly who: string },
  what: string,
  tensor: unknown,
  remedy: string,
  parameter: string = "",
): void {
  if (!Tensor.isTensor(tensor)) return; // nothing was asked for, or the layer itself says what is wrong
  const { data, shape } = tensor;
  const first = data.findIndex((value) => !Number.isFinite(value));
  if (first < 0) return;
  const count = data.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = first; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  const method = pass === "loss" ? "" : `.${pass}`;
  throw new AnomalyError(
    `${path === "" ? "" : `${path} `}${who}${method}: expected finite ${what} ${formatShape(shape)}, got ${data[first]} at ` +
      `${formatShape(index)}${count > 1 ? `, the first of ${count}` : ""} (${remedy}).`,
    { path, pass, what, parameter, index, value: data[first] },
  );
}

function largest(name: string, tensor: unknown): string {
  if (!Tensor.isTensor(tensor)) return "";
  const most = tensor.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return `, the largest |${name}| is ${most.toPrecision(3)}`;
}
