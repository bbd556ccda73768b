// How numbers are written on the pages.

/** A number with at most three digits after the point, with a true minus sign. */
export function num(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const rounded = Number(value.toFixed(digits));
  if (rounded === 0 && Math.abs(value) > 1e-12) return value.toExponential(1).replace("-", "−").replace("e−", "e−");
  return String(Object.is(rounded, -0) ? 0 : rounded).replace("-", "−");
}

/** A factor in a product: negative ones stand in parentheses. */
export function factor(value: number): string {
  return value < 0 ? `(${num(value)})` : num(value);
}

/** A small distance between two results: 0, or a power of ten. */
export function distance(value: number): string {
  if (value === 0) return "0";
  return Number.isFinite(value) ? value.toExponential(0).replace("-", "−") : num(value);
}

/** Whole numbers with their thousands set apart. */
export function whole(value: number): string {
  return value.toLocaleString("en-US");
}
