// The formula of test/fixtures/make_models.py that fills weights, inputs and gradients: a hash of name and place.
import { crc32 } from "../../src/files/crc32.js";
import { encodeUtf8 } from "../../src/files/utf8.js";
import type { Layer } from "../../src/nn/layer.js";
import { Tensor } from "../../src/base/tensor.js";
import { sizeOf, type Shape } from "../../src/base/shape.js";

/** Number i of a name, from -1 to 1. */
export function hashed(name: string): (i: number) => number {
  const start = crc32(encodeUtf8(name));
  return (i) => {
    let u = Math.imul(i, 2654435761) + start;
    u ^= u >>> 16;
    u = Math.imul(u, 0x85ebca6b);
    u ^= u >>> 13;
    u = Math.imul(u, 0xc2b2ae35);
    u ^= u >>> 16;
    return (u >>> 0) / 2 ** 31 - 1;
  };
}

/** A tensor of a name, as inputs are. */
export function drawn(name: string, shape: Shape): Tensor {
  const v = hashed(name);
  return new Tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => v(i)),
    shape,
  );
}

/** Fills parameters and running statistics by the formula. */
export function fillByFormula(model: Layer): void {
  // No initial weights are drawn just to be overwritten.
  for (const [name, parameter] of model.namedParameters()) {
    const data = new Float32Array(parameter.size);
    fill(name, parameter.shape, data);
    parameter.value = new Tensor(data, parameter.shape);
  }
  for (const [name, { shape, data }] of Object.entries(model.stateDict())) {
    if (name.includes(".running_") || name.endsWith("num_batches_tracked")) fill(name, shape, data);
  }
}

function fill(name: string, shape: Shape, data: Float32Array): void {
  const v = hashed(name);
  const [at, factor] = scaleOf(name, shape);
  for (let i = 0; i < data.length; i++) data[i] = at + factor * v(i);
}

// The middle of the numbers and how far they reach.
function scaleOf(name: string, shape: Shape): [middle: number, reach: number] {
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (last === "num_batches_tracked") return [0, 0];
  if (shape.length > 1) return [0, Math.sqrt(6 / sizeOf(shape.slice(1)))];
  if (last === "running_var") return [1, 0.3];
  return last === "weight" ? [1, 0.2] : [0, 0.1];
}

/** The product with the formula's numbers for "probe " + name, and the norm. */
export function probeOf(name: string, { data }: Tensor): [product: number, norm: number] {
  const v = hashed(`probe ${name}`);
  let [product, square] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    product += data[i] * v(i);
    square += data[i] * data[i];
  }
  return [product, Math.sqrt(square)];
}
