// An optimizer's options and memory as plain data, read and written on both sides.
import { show } from "../base/check.js";
import { OPTIMIZER, isBranded } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { Tensor, numbersNow } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { OptimizerOptions, PackedMemory, PackedOptimizer } from "./messages.js";

/** Its options as they are now. */
export function optionsOf(optimizer: Optimizer): OptimizerOptions {
  const { type, options, groups } = optimizer.liveState();
  return { type, options, ...(groups !== undefined && { groups }) };
}

/** What it keeps, as copies. */
export function memoryOf(optimizer: Optimizer): PackedMemory {
  return optimizer.liveState().state.map((entry) => {
    if (entry === null) return null;
    const copied = Object.entries(entry).map(([name, value]) => [
      name,
      typeof value === "number" ? value : numbersNow(value).slice(),
    ]);
    return Object.fromEntries(copied) as Record<string, number | Float32Array>;
  });
}

/** Options alone, or options and memory, into an optimizer of the same class and parameters. */
export function writeOptimizer(optimizer: Optimizer, options: OptimizerOptions, memory?: PackedMemory): void {
  const state =
    memory?.map((entry, i) => {
      if (entry === null) return null;
      const { shape } = optimizer.parameters[i];
      const tensors = Object.entries(entry).map(([name, value]): [string, number | Tensor] => {
        return [name, typeof value === "number" ? value : Tensor.adopt(value, shape)];
      });
      return Object.fromEntries(tensors);
    }) ?? optimizer.stateDict().state;
  const { type, groups } = options;
  optimizer.loadStateDict({ type, options: options.options, state, ...(groups !== undefined && { groups }) });
}

/** The buffers of a memory. */
export function buffersOfMemory(memory: PackedMemory): ArrayBuffer[] {
  return memory.flatMap((entry) => {
    if (entry === null) return [];
    return Object.values(entry).flatMap((value) => (typeof value === "number" ? [] : [value.buffer as ArrayBuffer]));
  });
}

/** An optimizer of the caller's as plain data. */
export function packOptimizer(who: string, optimizer: Optimizer, model: Layer): PackedOptimizer {
  const names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  const parameters = optimizer.parameters.map((parameter, i) => {
    const name = names.get(parameter);
    if (name !== undefined) return name;
    throw new ArgumentError(
      `${who}: expected an optimizer of the model's parameters alone, got another one at index ${i} (make all that is trained ` +
        `part of one model).`,
    );
  });
  refuseSubclass(who, optimizer);
  return { ...optionsOf(optimizer), parameters, memory: memoryOf(optimizer) };
}

/** Whether this is an optimizer, of whichever copy of the package. */
export function isOptimizer(value: unknown): value is Optimizer {
  return isBranded(value, OPTIMIZER);
}

// A subclass of one of ours says its parent's name, and would become its parent in the worker. Ours stand one below the two bases.
function refuseSubclass(who: string, optimizer: Optimizer): void {
  const parent = Object.getPrototypeOf(Object.getPrototypeOf(optimizer)) as object;
  if (Object.hasOwn(parent, "zeroGrad") || Object.hasOwn(parent, "readState")) return;
  throw new ArgumentError(
    `${who}: expected an optimizer of this package, got a subclass of one, ${show(optimizer)} (classes cannot be sent to a worker: ` +
      `name it in a module of yours, serveTraining({ optimizers }) of handgrad/serve).`,
  );
}
