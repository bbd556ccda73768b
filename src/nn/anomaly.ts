// detectAnomaly: finds the first layer and pass in which a number is not finite. The door through which every layer runs tells
// it; a model that is not watched pays nothing.
import { show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { AnomalyError, ArgumentError, type AnomalyPlace } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor, numbersNow } from "../base/tensor.js";
import { Layer } from "./layer.js";
import type { Parameter } from "./parameter.js";
import { spec, typeName } from "./protocol.js";
import { namedState } from "./walk.js";
import { whileTapped } from "./watch.js";
import { pathOf } from "./paths.js";
import { addWatcher, type Watcher } from "./watcher.js";

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
    const remedy = fromOtherCopy(got, LAYER) || " (detectAnomaly(model, () => { ... }) watches it meanwhile)";
    throw new ArgumentError(`detectAnomaly: expected a model, got ${show(got)}${remedy}.`);
  }
  if (typeof work !== "function") {
    throw new ArgumentError(`detectAnomaly: expected a function that runs the model, got ${show(work)}.`);
  }
  return whileTapped(watch(model), work);
}

// Models under watch; one may be watched several times.
const models: Layer[] = [];

let remove: () => void = () => undefined; // the watcher of them all

function watch(model: Layer): () => void {
  if (models.length === 0) remove = addWatcher(WATCHER);
  models.push(model);
  return () => {
    models.splice(models.indexOf(model), 1);
    if (models.length === 0) remove();
  };
}

// Path of a layer in a watched model; undefined for a layer of no such model.
function watchedPath(layer: Layer): string | undefined {
  for (const model of models) {
    const path = pathOf(model, layer);
    if (path !== undefined) return path;
  }
  return undefined;
}

// Where a layer stands, to be said in an error; nothing for a layer of no watched model, and for a container of this package,
// which has no numbers of its own.
function placeOf<P extends AnomalyPlace["pass"]>(
  layer: Layer,
  pass: P,
): { readonly path: string; readonly pass: P; readonly who: string } | undefined {
  if (layer[spec] !== null && layer.namedChildren().length > 0) return undefined;
  const path = watchedPath(layer);
  return path === undefined ? undefined : { path, pass, who: layer[typeName] };
}

const WATCHER: Watcher = {
  before(layer, { kind }, xs) {
    const place = placeOf(layer, kind);
    if (place === undefined) return;
    for (const x of xs) expectFinite(place, "inputs", x, "nothing before it in the model made it: look at the data");
    for (const [name, { value }] of namedState(layer)) {
      expectFinite(place, "parameters", value, `in ${name}: a step or the program wrote it`, name);
    }
  },
  after(layer, { kind }, xs, ys) {
    const place = placeOf(layer, kind);
    if (place === undefined) return ys;
    for (const y of ys) expectFinite(place, "outputs", y, `input and parameters are finite${largest("input", xs)}`);
    return ys;
  },
  beforeBack(layer, _pass, dys) {
    const place = placeOf(layer, "backward");
    if (place === undefined) return dys;
    for (const dy of dys) {
      expectFinite(place, "gradients dy", dy, "no layer behind it made it: look at the loss and what it is given");
    }
    for (const [name, parameter] of layer.namedParameters()) {
      if (!parameter.hasGrad) continue;
      expectFinite(place, `gradients before it`, parameter.grad, `in ${name}: left from an earlier backward`, name);
    }
    return dys;
  },
  afterBack(layer, _pass, dys, dxs) {
    const place = placeOf(layer, "backward");
    if (place === undefined) return dxs;
    for (const [name, parameter] of layer.namedParameters()) {
      if (!parameter.hasGrad) continue;
      const remedy = `in that of ${name}; dy is finite${largest("dy", dys)}`;
      expectFinite(place, "gradients of its parameters", parameter.grad, remedy, name);
    }
    for (const dx of dxs) expectFinite(place, "gradients of its input", dx, `dy is finite${largest("dy", dys)}`);
    return dxs;
  },
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
      const remedy = `in ${name}, which this step made${largest("gradient", [parameter.grad])}; try a smaller learning rate`;
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
  const { shape } = tensor;
  const data = numbersNow(tensor);
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

// Of several tensors nothing is said.
function largest(name: string, tensors: readonly unknown[]): string {
  const [tensor, ...others] = tensors;
  if (!Tensor.isTensor(tensor) || others.length > 0) return "";
  const most = numbersNow(tensor).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return `, the largest |${name}| is ${most.toPrecision(3)}`;
}
