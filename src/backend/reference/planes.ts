// Adaptive max pooling, unpooling, and the turning of channels into pixels.
import type { FloatArray } from "../../base/tensor.js";
import type { PlanesGeometry, ShuffleGeometry } from "../kernels.js";

// y[p, i, j] = max of rows floor(i H / OH) .. ceil((i + 1) H / OH) - 1 and columns alike; indices = its place h W + w
export function adaptiveMaxPool2d(g: PlanesGeometry, x: FloatArray, y: FloatArray, indices: Int32Array | null): void {
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (let i = 0; i < g.OH; i++) {
      for (let j = 0; j < g.OW; j++) {
        let largest = -Infinity;
        let place = -1;
        for (let h = Math.floor((i * g.H) / g.OH); h < ((i + 1) * g.H) / g.OH; h++) {
          for (let w = Math.floor((j * g.W) / g.OW); w < ((j + 1) * g.W) / g.OW; w++) {
            const value = x[(p * g.H + h) * g.W + w];
            if (place === -1 || value > largest || Number.isNaN(value)) {
              largest = value;
              place = h * g.W + w;
            }
          }
        }
        y[out] = largest;
        if (indices !== null) indices[out] = place;
        out++;
      }
    }
  }
}

// y[p, indices[p, h, w]] = x[p, h, w], elsewhere 0
export function maxUnpool2d(g: PlanesGeometry, indices: Int32Array, x: FloatArray, y: FloatArray): void {
  y.fill(0);
  for (let i = 0; i < x.length; i++) y[placeOf(g, indices, i)] = x[i];
}

// dx[p, h, w] = dy[p, indices[p, h, w]], unless another one was written there after it
export function maxUnpool2dInputGrad(g: PlanesGeometry, indices: Int32Array, dy: FloatArray, dx: FloatArray): void {
  const last = new Int32Array(dy.length);
  for (let i = 0; i < dx.length; i++) last[placeOf(g, indices, i)] = i;
  for (let i = 0; i < dx.length; i++) {
    const place = placeOf(g, indices, i);
    dx[i] = last[place] === i ? dy[place] : 0;
  }
}

function placeOf(g: PlanesGeometry, indices: Int32Array, i: number): number {
  return Math.floor(i / (g.H * g.W)) * g.OH * g.OW + indices[i];
}

// y[p, h f + i, w f + j] = x[p, i, j, h, w]
export function pixelShuffle(g: ShuffleGeometry, x: FloatArray, y: FloatArray): void {
  forEachPixel(g, (from, to) => (y[to] = x[from]));
}

// x[p, i, j, h, w] = y[p, h f + i, w f + j]
export function pixelUnshuffle(g: ShuffleGeometry, y: FloatArray, x: FloatArray): void {
  forEachPixel(g, (to, from) => (x[to] = y[from]));
}

/** The place of each number among channels, and among pixels. */
function forEachPixel(g: ShuffleGeometry, visit: (channels: number, pixels: number) => void): void {
  const { planes, H, W, factor: f } = g;
  for (let p = 0; p < planes; p++) {
    for (let i = 0; i < f; i++) {
      for (let j = 0; j < f; j++) {
        for (let h = 0; h < H; h++) {
          for (let w = 0; w < W; w++) {
            visit((((p * f + i) * f + j) * H + h) * W + w, (p * H * f + h * f + i) * W * f + w * f + j);
          }
        }
      }
    }
  }
}
