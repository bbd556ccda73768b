// Weights' gradients that came out as NaN, summed again. The direct kernel runs over rows and the columns between them in one
// go, and multiplies what lies there by zero: an infinity or NaN of x gives NaN where no window holds it. Only where direct sums
// are asked for: such data are what they are for.
import { on } from "../record";
import { Conv2dGeometry } from "./geometry";

/** part [O, C/G, KH, KW] of the samples first to first + count - 1; x [N, C, H, W], dy [N, O, OH, OW]. */
export function exactTaps(g: Conv2dGeometry, x: usize, dy: usize, part: usize, first: i32, count: i32): void {
  const inputs = g.C / g.G;
  const outputs = g.O / g.G;
  for (let o = 0; o < g.O; o++) {
    for (let c = 0; c < inputs; c++) {
      const from = on(x, (first * g.C + (o / outputs) * inputs + c) * g.H * g.W);
      const upstream = on(dy, (first * g.O + o) * g.OH * g.OW);
      for (let k = 0; k < g.KH; k++) {
        for (let l = 0; l < g.KW; l++, part += 4) {
          const sum = f32.load(part);
          if (sum != sum) f32.store(part, tap(g, from, upstream, k, l, count));
        }
      }
    }
  }
}

// sum over n, i, j of x[n][i S + k D - P][j S + l D - P] * dy[n][i][j], where x is 0 outside the image.
function tap(g: Conv2dGeometry, x: usize, dy: usize, k: i32, l: i32, count: i32): f32 {
  let sum: f32 = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < g.OH; i++) {
      const h = i * g.SH + k * g.DH - g.PT;
      for (let j = 0; j < g.OW; j++) {
        const w = j * g.SW + l * g.DW - g.PL;
        const inside = h >= 0 && h < g.H && w >= 0 && w < g.W;
        sum += (inside ? f32.load(on(x, h * g.W + w)) : 0) * f32.load(on(dy, i * g.OW + j));
      }
    }
    x = on(x, g.C * g.H * g.W);
    dy = on(dy, g.O * g.OH * g.OW);
  }
  return sum;
}
