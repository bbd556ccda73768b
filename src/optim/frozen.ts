// Whether a parameter is learned. Asked in one place, because a Parameter need not say it.
import type { Parameter } from "../nn/parameter.js";

/** True for a parameter whose `requiresGrad` is false: a step and what prepares it leave it alone. */
export function isFrozen(parameter: Parameter & { readonly requiresGrad?: boolean }): boolean {
  return parameter.requiresGrad === false;
}
