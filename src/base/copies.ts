// Objects of another copy of the package, as CommonJS beside ESM makes them. They are told by a brand that all copies share, not
// by the name of their class, which build tools change.

/** The brands of classes whose objects are taken from this copy alone; those of Tensor and Parameter are taken from any. */
export const LAYER: unique symbol = Symbol.for("handgrad.Layer");
export const STATE_BUFFER: unique symbol = Symbol.for("handgrad.StateBuffer");
export const GENERATOR: unique symbol = Symbol.for("handgrad.Generator");
export const OPTIMIZER: unique symbol = Symbol.for("handgrad.Optimizer");
export const BATCHES: unique symbol = Symbol.for("handgrad.Batches");

/** Whether an object bears a brand, of whichever copy it is. */
export function isBranded(value: unknown, brand: symbol): boolean {
  return typeof value === "object" && value !== null && brand in value;
}

/** The remedy for an object that bears the brand and was not taken: it is of another copy. Else nothing. */
export function fromOtherCopy(value: unknown, brand: symbol): string {
  if (!isBranded(value, brand)) return "";
  return ` (it is of another copy of handgrad: load the package by import everywhere, or by require everywhere)`;
}
