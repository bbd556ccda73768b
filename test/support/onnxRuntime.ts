// ONNX Runtime beside a model: the same inputs, and how far the outputs are apart.
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web";
import type { Layer } from "../../src/nn/layer.js";
import { sizeOf, type Shape } from "../../src/base/shape.js";
import { Tensor } from "../../src/base/tensor.js";
import type { OnnxImport } from "../../src/entries/onnx.js";
import { nchwToNhwc, nhwcToNchw } from "../../src/ops/layout.js";
import { EPS32, expectClose } from "./close.js";
import { randomOf } from "./onnxModels.js";

/** What onnxruntime-web and onnxruntime-node have in common. */
export interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => OrtTensor;
}

/**
 * Outputs may differ by this part of the largest number that any layer computes: a few dozen roundings of float32, as sums are
 * added in another order. (Of the output alone would not do: where terms cancel it is small and their roundings are not.)
 */
export const ALLOWED = 32 * EPS32;

/** Numbers from -2 to 2. */
export function drawInput(shape: Shape, seed: number): Tensor {
  const random = randomOf(seed);
  return new Tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => 4 * random() - 2),
    shape,
  );
}

/** A session on one thread; `plain` without the runtime's own rewriting of graphs. */
export async function open(runtime: Runtime, bytes: Uint8Array, plain = false): Promise<InferenceSession> {
  const graphOptimizationLevel = plain ? "disabled" : "all";
  const silent = { logSeverityLevel: 4, intraOpNumThreads: 1, interOpNumThreads: 1 } as const;
  return runtime.InferenceSession.create(bytes, { graphOptimizationLevel, ...silent });
}

/** What the runtime computes. */
export async function run(runtime: Runtime, session: InferenceSession, x: Tensor): Promise<Tensor> {
  const input = new runtime.Tensor("float32", Float32Array.from(x.data), x.shape);
  const results = await session.run({ [session.inputNames[0]]: input }, { logSeverityLevel: 4 });
  const { data, dims } = results[session.outputNames[0]];
  return new Tensor(data as Float32Array, dims);
}

/** Throws unless the file gives what `model.predict` gives, for each of these batch sizes. */
export async function compare(
  runtime: Runtime,
  model: Layer,
  bytes: Uint8Array,
  inputShape: Shape,
  batches: readonly number[] = [1, 3, 32],
  plain = false,
): Promise<void> {
  const session = await open(runtime, bytes, plain);
  try {
    for (const batch of batches) {
      const x = drawInput([batch, ...inputShape], 17 * batch);
      const expected = model.predict(x);
      const got = await run(runtime, session, x);
      if (String(got.shape) !== String(expected.shape)) {
        throw new Error(`batch ${batch}: expected shape ${String(expected.shape)}, got ${String(got.shape)}`);
      }
      expectClose(got.data, expected.data, ALLOWED * largestInside(model, x), { name: `batch ${batch}` });
    }
  } finally {
    await session.release();
  }
}

/** What an imported model makes of an input in the file's own form, and the largest number inside. */
export function importedAnswer(
  { model, inputShape, layout, outputLayout }: OnnxImport,
  x: Tensor,
): { readonly y: Tensor; readonly most: number } {
  const batch = x.size / sizeOf(inputShape);
  const [c, ...plane] = inputShape;
  const input = layout === "NHWC" ? nhwcToNchw(x.reshape([batch, ...plane, c])) : x.reshape([batch, ...inputShape]);
  const y = model.predict(input);
  return { y: outputLayout === "NHWC" ? nchwToNhwc(y) : y, most: largestInside(model, input) };
}

/** The largest absolute value of the input and of what each layer makes of it. */
export function largestInside(model: Layer, x: Tensor): number {
  let most = largest(x.data);
  const walk = (layer: Layer, input: Tensor): Tensor => {
    const children = layer.namedChildren();
    if (children.length > 0 && layer.describe().startsWith("Sequential("))
      return children.reduce((current, [, child]) => walk(child, current), input);
    const y = layer.predict(input);
    most = Math.max(most, largest(y.data));
    return y;
  };
  walk(model, x);
  return most;
}

/** The largest absolute value, at least 0.001. */
export function largest(numbers: ArrayLike<number>): number {
  let most = 1e-3;
  for (let i = 0; i < numbers.length; i++) most = Math.max(most, Math.abs(numbers[i]));
  return most;
}
