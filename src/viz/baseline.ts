// Baselines: what stands for nothing in an input.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Check } from "../base/options.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, numbersNow } from "../base/tensor.js";

/** A baseline. */
export const baselineCheck: Check<number | Tensor> = (who, name, value) => {
  if (Tensor.isTensor(value) || (typeof value === "number" && Number.isFinite(value))) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a finite number or a Tensor, got ${show(value)}.`);
};

/** A number, or a tensor of one sample or of all, in the shape of x. */
export function likeInput(who: string, name: string, given: number | Tensor, x: Tensor): Tensor {
  const full = x.like();
  if (typeof given === "number") {
    full.data.fill(given);
    return full;
  }
  const one = [1, ...x.shape.slice(1)];
  if (!sameShape(given.shape, x.shape) && !sameShape(given.shape, one)) {
    throw new ShapeError(
      `${who}: expected ${name} in the shape ${formatShape(x.shape)} or ${formatShape(one)}, got ${formatShape(given.shape)}.`,
    );
  }
  const values = numbersNow(given);
  for (let at = 0; at < full.size; at += values.length) full.data.set(values, at);
  return full;
}
