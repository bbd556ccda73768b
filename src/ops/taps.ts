// The taps of linear resampling: of which places of an axis each place of another one is the sum, with which weights. Numbers of
// sizes only, no data.
import type { Taps } from "../backend/kernels.js";

/** The first place and the weights of it and those behind it. */
type Rule = (i: number) => readonly [first: number, weights: readonly number[]];

/** Of an axis of `size` places. */
export function tapsOf(size: number, rule: Rule): Taps {
  const rows = Array.from({ length: size }, (_, i) => rule(i));
  const offsets = new Int32Array(size + 1);
  rows.forEach(([, weights], i) => (offsets[i + 1] = offsets[i] + weights.length));
  return {
    first: Int32Array.from(rows, ([first]) => first),
    offsets,
    weights: Float64Array.from(rows.flatMap(([, weights]) => weights)),
  };
}

/**
 * The transposed map of taps from `size` places: which of their places each of those is part of. First places and ends of taps never
 * go down, so these are neighbors.
 */
export function transposed({ first, offsets, weights }: Taps, size: number): Taps {
  const count = first.length;
  let [from, to] = [0, 0];
  return tapsOf(size, (place) => {
    while (from < count && first[from] + offsets[from + 1] - offsets[from] <= place) from++;
    to = Math.max(to, from);
    while (to < count && first[to] <= place) to++;
    const all: number[] = [];
    for (let i = from; i < to; i++) all.push(weights[offsets[i] + place - first[i]]);
    return [from, all];
  });
}

/** One place with a weight of 1: the nearest. */
export function nearestTaps(from: number, to: number, placeOf: (i: number) => number): Taps {
  return tapsOf(to, (i) => [Math.min(Math.floor(placeOf(i)), from - 1), [1]]);
}

/** Two places, by their distance from `placeOf`, which is cut to the axis. */
export function linearTaps(from: number, to: number, placeOf: (i: number) => number): Taps {
  return tapsOf(to, (i) => {
    const place = Math.min(Math.max(placeOf(i), 0), from - 1);
    const first = Math.floor(place);
    const part = place - first;
    return [first, part === 0 ? [1] : [1 - part, part]];
  });
}

/**
 * Four places by cubic convolution with a = -0.75; those beyond the axis are its edges.
 *
 * @see Keys, "Cubic convolution interpolation for digital image processing", IEEE ASSP 29 (1981)
 */
export function cubicTaps(from: number, to: number, placeOf: (i: number) => number): Taps {
  return tapsOf(to, (i) => {
    const place = placeOf(i);
    const middle = Math.floor(place);
    const places = [-1, 0, 1, 2].map((k) => Math.min(Math.max(middle + k, 0), from - 1));
    const weights = new Array<number>(places[3] - places[0] + 1).fill(0);
    places.forEach((at, k) => (weights[at - places[0]] += cubic(Math.abs(place - middle + 1 - k))));
    return [places[0], weights];
  });
}

function cubic(distance: number): number {
  const [d, a] = [distance, -0.75];
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** The mean of places floor(i from / to) to ceil((i + 1) from / to) - 1. */
export function meanTaps(from: number, to: number): Taps {
  return tapsOf(to, (i) => {
    const first = Math.floor((i * from) / to);
    const count = Math.ceil(((i + 1) * from) / to) - first;
    return [first, new Array<number>(count).fill(1 / count)];
  });
}
