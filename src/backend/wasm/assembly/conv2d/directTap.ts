// One weight's gradient by its direct sum. Winograd's algorithm gives a weight whose terms are all 0, or nearly cancel, a trace
// of the rest of its kernel; an optimizer like Adam, which divides by the size of the gradient, would make a step of it.
// So such weights, few as they are, are summed again (winogradWeightGrad.ts).
import { Conv2dGeometry } from "./geometry";
import { laneSum } from "../tile";

/**
 * sum over n, i, j of x[n][i + ki - PT][j + kj - PL] * dy[n][i][j] for `count` samples; x and dy are planes of one channel
 * each, the planes of the next sample xStep and dyStep bytes further.
 */
export function directTap(
  g: Conv2dGeometry, x: usize, xStep: usize, dy: usize, dyStep: usize, ki: i32, kj: i32, count: i32,
): f32 {
  const w = g.W;
  const ow = g.OW;
  const top = max(0, g.PT - ki);
  const bottom = min(g.OH, g.H + g.PT - ki);
  const left = max(0, g.PL - kj);
  const run = min(ow, w + g.PL - kj) - left;
  let lanes = f32x4.splat(0);
  let rest: f32 = 0;
  for (let n = 0; n < count; n++) {
    for (let i = top; i < bottom; i++) {
      let a = x + (<usize>((i + ki - g.PT) * w + left + kj - g.PL) << 2);
      let b = dy + (<usize>(i * ow + left) << 2);
      let j = 0;
      for (; j + 4 <= run; j += 4, a += 16, b += 16) lanes = f32x4.add(lanes, f32x4.mul(v128.load(a), v128.load(b)));
      for (; j < run; j++, a += 4, b += 4) rest += f32.load(a) * f32.load(b);
    }
    x += xStep;
    dy += dyStep;
  }
  return laneSum(lanes) + rest;
}
