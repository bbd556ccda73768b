// Which parameters are being trained: two runs at once on one model would spoil both.
import { StateError } from "../base/errors.js";
import type { Parameter } from "../nn/parameter.js";

const inTraining = new WeakSet<Parameter>();

/** Throws for a parameter that is being trained; else all of these are, until the function that is returned is called. */
export function claim(who: string, parameters: readonly Parameter[]): () => void {
  if (parameters.some((parameter) => inTraining.has(parameter))) {
    throw new StateError(
      `${who}: expected a model that is not in training, got one that another fit trains (await it first).`,
    );
  }
  for (const parameter of parameters) inTraining.add(parameter);
  return () => {
    for (const parameter of parameters) inTraining.delete(parameter);
  };
}
