// `npm run bench:rounding`: how far Winograd's sums and direct sums are from float64, for layers where Winograd serves.
// Errors in units of 2^-24 of the root mean square of the result: root mean square and largest.
import { reference } from "../../src/backend/reference/backend.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { setConvAlgorithm } from "../../src/backend/convAlgorithm.js";
import { randn } from "../../src/ops/create.js";
import { squareGeometry } from "./geometry.js";

const rms = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / values.length);
};

/** Root mean square and largest difference, in units of 2^-24 of the size of `exact`. */
function errors(got: ArrayLike<number>, exact: Float64Array): string {
  const unit = rms(exact) / 2 ** 24;
  const differences = exact.map((value, i) => (got[i] - value) / unit);
  const largest = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return `${rms(differences).toFixed(1).padStart(6)} ${largest.toFixed(0).padStart(5)}`;
}

console.log(`${"layer".padEnd(34)} pass  Winograd (rms, largest)   direct sums`);
for (const [N, C, H, O, K, P] of [
  [4, 16, 14, 32, 3, 0],
  [4, 32, 14, 64, 3, 1],
  [2, 128, 16, 128, 3, 1],
  [2, 64, 14, 128, 5, 0],
]) {
  const g = squareGeometry(N, C, H, O, K, P);
  const { OH } = g;
  const [x, w, dy] = [
    [N, C, H, H],
    [O, C, K, K],
    [N, O, OH, OH],
  ].map((shape, i) => randn(shape, { seed: i }).data);
  const [x64, w64, dy64] = [x, w, dy].map((array) => Float64Array.from(array));
  const exact = { y: new Float64Array(dy.length), dx: new Float64Array(x.length), dw: new Float64Array(w.length) };
  reference.kernels.conv2d(g, x64, w64, null, exact.y);
  reference.kernels.conv2dInputGrad(g, dy64, w64, exact.dx);
  reference.kernels.conv2dWeightGrad(g, x64, dy64, exact.dw);
  const [fast, direct] = (["auto", "direct"] as const).map((algorithm) => {
    setConvAlgorithm(algorithm);
    const got = { y: new Float32Array(dy.length), dx: new Float32Array(x.length), dw: new Float32Array(w.length) };
    wasm.kernels.conv2d(g, x, w, null, got.y);
    wasm.kernels.conv2dInputGrad(g, dy, w, got.dx);
    wasm.kernels.conv2dWeightGrad(g, x, dy, got.dw);
    return got;
  });
  for (const pass of ["y", "dx", "dw"] as const) {
    const layer = `${C} -> ${O}, ${H}x${H}, ${K}x${K}, padding ${P}`;
    console.log(
      `${layer.padEnd(34)} ${pass.padEnd(4)}  ${errors(fast[pass], exact[pass])}              ${errors(direct[pass], exact[pass])}`,
    );
  }
}
