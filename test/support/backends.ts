// Every test of an op runs on each backend and in each number format that the backend computes in.
import { afterAll, beforeAll, describe } from "vitest";
import type { Backend } from "../../src/backend/kernels.js";
import { plain } from "../../src/backend/plain/backend.js";
import { reference } from "../../src/backend/reference/backend.js";
import { setBackend } from "../../src/backend/select.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import type { Shape } from "../../src/base/shape.js";
import { Tensor, type FloatArray, type TensorSource } from "../../src/base/tensor.js";
import { EPS32, EPS64 } from "./close.js";

export interface BackendCase {
  readonly backend: Backend;
  readonly dtype: "float32" | "float64";
  /** The distance from 1 to the next number of the format. */
  readonly eps: number;
  /** A tensor in the format of the case. */
  make(data: TensorSource, shape?: Shape): Tensor<FloatArray>;
}

const CASES: readonly BackendCase[] = [
  { backend: wasm, dtype: "float32", eps: EPS32, make: (data, shape) => new Tensor(data, shape) },
  { backend: plain, dtype: "float32", eps: EPS32, make: (data, shape) => new Tensor(data, shape) },
  { backend: reference, dtype: "float32", eps: EPS32, make: (data, shape) => new Tensor(data, shape) },
  { backend: reference, dtype: "float64", eps: EPS64, make: (data, shape) => Tensor.float64(data, shape) },
];

/** Runs `body` inside a describe block for each case, with its backend active; puts the former one back afterwards. */
export function onEachBackend(body: (context: BackendCase) => void): void {
  onCases(CASES, body);
}

/** The same where only float64 is exact enough: for slopes by differences. */
export function onFloat64(body: (context: BackendCase) => void): void {
  onCases(
    CASES.filter(({ dtype }) => dtype === "float64"),
    body,
  );
}

/** The same in float32 alone: for what is there for training and looking, on both backends. */
export function onFloat32(body: (context: BackendCase) => void): void {
  onCases(
    CASES.filter(({ dtype }) => dtype === "float32"),
    body,
  );
}

function onCases(cases: readonly BackendCase[], body: (context: BackendCase) => void): void {
  describe.each(cases.map((context) => ({ title: `${context.backend.name} ${context.dtype}`, context })))(
    "on $title",
    ({ context }) => {
      let before: Backend;
      beforeAll(() => {
        before = setBackend(context.backend);
      });
      afterAll(() => {
        setBackend(before);
      });
      body(context);
    },
  );
}

/** Runs `work` on a backend. */
export function on<R>(backend: Backend, work: () => R): R {
  const before = setBackend(backend);
  try {
    return work();
  } finally {
    setBackend(before);
  }
}
