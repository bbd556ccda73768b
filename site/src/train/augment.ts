// Digits varied a little while training: turned, slanted, stretched. A network that has only seen MNIST's own proportions
// takes a wide 9 for a 3.

/** Numbers from 0 to 1, one after another. */
export type Random = () => number;

/** How far: radians, shear, logarithm of the stretch, pixels. */
export interface Variation {
  readonly turn: number;
  readonly slant: number;
  readonly stretch: number;
  readonly shift: number;
}

export const VARIATION: Variation = { turn: 0.2, slant: 0.25, stretch: 0.22, shift: 1.5 };

/** A counter-based generator of its own, so that a run can be repeated. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Writes each image of `x` (count planes of side * side) varied by its own draw into `out`. */
export function vary(x: Float32Array, out: Float32Array, side: number, random: Random, v: Variation = VARIATION): void {
  const size = side * side;
  const middle = (side - 1) / 2;
  const around = (most: number): number => (2 * random() - 1) * most;
  for (let start = 0; start < x.length; start += size) {
    const turn = around(v.turn);
    const slant = around(v.slant);
    const [wide, high] = [Math.exp(around(v.stretch)), Math.exp(around(v.stretch / 2))];
    const [dx, dy] = [around(v.shift), around(v.shift)];
    // Where a pixel of the result comes from: the inverse map, a small matrix.
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [a, b, c, d] = [cos / wide, (sin + slant) / wide, -sin / high, cos / high];
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const [u, w] = [column - middle - dx, row - middle - dy];
        out[start + row * side + column] = sample(x, start, side, a * u + b * w + middle, c * u + d * w + middle);
      }
    }
  }
}

// Between four pixels; paper outside.
function sample(x: Float32Array, start: number, side: number, u: number, v: number): number {
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const [p, q] = [u - i, v - j];
  let sum = 0;
  for (let row = 0; row < 2; row++) {
    const y = j + row;
    if (y < 0 || y >= side) continue;
    const share = row === 0 ? 1 - q : q;
    const at = start + y * side;
    if (i >= 0 && i < side) sum += share * (1 - p) * x[at + i];
    if (i + 1 >= 0 && i + 1 < side) sum += share * p * x[at + i + 1];
  }
  return sum;
}
