// A convolution or a pooling of one image with all its products kept: the output, both gradients, and for each number the
// list of products that it is the sum of. In float64. What a page steps through; the tests hold it against handgrad.
import { outputSize, taps, type Geometry, type Tap } from "./geometry.js";

/** One product dy * factor that flows back, from output entry `y` to image entry `x` through weight `w`. */
export interface Share {
  readonly y: number;
  readonly x: number;
  readonly w: number;
  /** What y multiplies x by: dy / dx of this share. */
  readonly factor: number;
  readonly tap: Tap;
}

/** The numbers that a layer is given: image [C, H, W], kernels [O, C / groups, KH, KW], bias [O], gradient of the output. */
export interface Given {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly b: readonly number[];
  readonly dy: readonly number[];
}

/** A layer's pass, forth and back. */
export interface Trace {
  readonly g: Geometry;
  /** Rows and columns of the output. */
  readonly size: readonly [number, number];
  readonly y: readonly number[];
  readonly dx: readonly number[];
  /** Empty for a pooling. */
  readonly dw: readonly number[];
  readonly db: readonly number[];
  /** The taps of each output entry. */
  readonly windows: readonly (readonly Tap[])[];
  /** What each output entry multiplies a tap by: the weight; 1 or 0 at a max pooling's switch; 1 / n for a mean. */
  readonly factors: readonly (readonly number[])[];
  /** For a max pooling, which tap of each window won. */
  readonly switches: readonly number[];
  /** The shares that each image entry and each weight collects, in the order of the output entries. */
  readonly toX: readonly (readonly Share[])[];
  readonly toW: readonly (readonly Share[])[];
}

/** Runs the layer forth and back. */
export function trace(g: Geometry, given: Given): Trace {
  const [OH, OW] = outputSize(g);
  const { x, w, b, dy } = given;
  const count = g.O * OH * OW;
  const windows: Tap[][] = [];
  const factors: number[][] = [];
  const switches: number[] = [];
  const y: number[] = [];
  const dx = new Array<number>(x.length).fill(0);
  const dw = new Array<number>(w.length).fill(0);
  const db = new Array<number>(b.length).fill(0);
  const toX = x.map((): Share[] => []);
  const toW = w.map((): Share[] => []);
  for (let n = 0; n < count; n++) {
    const o = Math.floor(n / (OH * OW));
    const window = taps(g, o, Math.floor(n / OW) % OH, n % OW);
    const winner = g.op === "max" ? largest(window, x) : -1;
    const factor = window.map((tap, t) => {
      if (g.op === "conv") return w[tap.w];
      return g.op === "max" ? Number(t === winner) : 1 / window.length;
    });
    let sum = g.op === "conv" ? (b[o] ?? 0) : 0;
    window.forEach((tap, t) => {
      const value = tap.x < 0 ? 0 : x[tap.x];
      // A max pooling's zeros are no products: an infinite number beside the largest must not make it NaN.
      if (factor[t] !== 0 || g.op === "conv") sum += factor[t] * value;
      const share: Share = { y: n, x: tap.x, w: tap.w, factor: factor[t], tap };
      if (tap.x >= 0 && (g.op !== "max" || t === winner)) {
        dx[tap.x] += factor[t] * dy[n];
        toX[tap.x].push(share);
      }
      if (tap.w >= 0) {
        dw[tap.w] += value * dy[n];
        toW[tap.w].push(share);
      }
    });
    if (g.op === "conv" && o < db.length) db[o] += dy[n];
    windows.push(window);
    factors.push(factor);
    switches.push(winner);
    y.push(sum);
  }
  return { g, size: [OH, OW], y, dx, dw, db, windows, factors, switches, toX, toW };
}

// Padding is -Infinity; of equals the first, row by row.
function largest(window: readonly Tap[], x: readonly number[]): number {
  let best = -1;
  window.forEach((tap, t) => {
    if (tap.x >= 0 && (best < 0 || x[tap.x] > x[window[best].x])) best = t;
  });
  return best;
}

/** What of dx and dw has been collected after the first `steps` output entries. */
export function collected({ toX, toW }: Trace, { x, dy }: Given, steps: number): { dx: number[]; dw: number[] } {
  const upTo = (shares: readonly Share[], one: (share: Share) => number): number =>
    shares.reduce((sum, share) => (share.y < steps ? sum + one(share) * dy[share.y] : sum), 0);
  return {
    dx: toX.map((shares) => upTo(shares, ({ factor }) => factor)),
    dw: toW.map((shares) => upTo(shares, (share) => (share.x < 0 ? 0 : x[share.x]))),
  };
}
