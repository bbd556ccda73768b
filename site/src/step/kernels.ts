// The same pass by handgrad's own kernels, to hold the page's small sums against.
import {
  Tensor,
  avgPool2d,
  avgPool2dInputGrad,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  maxPool2d,
  maxPool2dInputGrad,
} from "handgrad";
import type { Trace } from "../math/trace.js";
import type { StepState } from "./state.js";

/** y, dx and dw in float32. */
export function byKernels(s: StepState, [OH, OW]: readonly [number, number]): Record<"y" | "dx" | "dw", Float32Array> {
  const x = new Tensor(Float32Array.from(s.x), [1, s.C, s.H, s.W]);
  const dy = new Tensor(Float32Array.from(s.dy), [1, s.O, OH, OW]);
  const { stride, dilation, kernel } = s;
  if (s.op !== "conv") {
    const options = { stride, padding: [s.padding[0], s.padding[2]] as const };
    if (s.op === "avg") {
      const dx = avgPool2dInputGrad(dy, x.shape, kernel, options);
      return { y: avgPool2d(x, kernel, options).data, dx: dx.data, dw: new Float32Array() };
    }
    const { y, indices } = maxPool2d(x, kernel, { ...options, dilation });
    const dx = maxPool2dInputGrad(dy, indices, x.shape, kernel, { ...options, dilation });
    return { y: y.data, dx: dx.data, dw: new Float32Array() };
  }
  const size = kernel[0] * kernel[1];
  const w = new Tensor(turned(s.w, size, s.flip), [s.O, s.C / s.groups, ...kernel]);
  const b = new Tensor(Float32Array.from(s.b), [s.O]);
  const options = { stride, dilation, padding: s.padding, paddingMode: s.mode, groups: s.groups } as const;
  return {
    y: conv2d(x, w, b, options).data,
    dx: conv2dInputGrad(dy, w, x.shape, options).data,
    dw: turned(conv2dWeightGrad(x, dy, w.shape, options).data, size, s.flip),
  };
}

// Each kernel turned by 180 degrees: its numbers in reverse order.
function turned(values: ArrayLike<number>, size: number, turn: boolean): Float32Array<ArrayBuffer> {
  const at = (n: number): number => (turn ? n - (n % size) + (size - 1 - (n % size)) : n);
  return Float32Array.from(values, (_, n) => values[at(n)]);
}

/** The largest distance between the page's sums and the kernels' results. */
export function kernelDistance(s: StepState, run: Trace): number {
  const done = byKernels(s, run.size);
  let worst = 0;
  for (const name of ["y", "dx", "dw"] as const) {
    if (done[name].length !== run[name].length) return Infinity;
    run[name].forEach((value, n) => {
      const distance = Math.abs(value - done[name][n]);
      worst = Number.isNaN(distance) ? Infinity : Math.max(worst, distance);
    });
  }
  return worst;
}
