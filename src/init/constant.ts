// The same number everywhere.
import { finite } from "../base/check.js";
import type { Initializer } from "./initializer.js";

/** Every number is `value`. */
export function constantInit(value: number): Initializer {
  finite("constantInit", "value", value);
  return (tensor) => tensor.data.fill(value);
}

/** Every number is 0. */
export function zerosInit(): Initializer {
  return constantInit(0);
}

/** Every number is 1. */
export function onesInit(): Initializer {
  return constantInit(1);
}
