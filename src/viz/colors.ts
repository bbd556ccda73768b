// Colors for numbers: one map of equal steps for the eye, one with a middle for signed numbers, and gray. Control points as their
// authors have published them, with straight lines between.
import { oneOf } from "../base/check.js";
import type { Check } from "../base/options.js";

/** How numbers become colors: "viridis" from low to high, "redBlue" from negative (blue) over 0 (white) to positive (red), "gray". */
export type ColorMap = "viridis" | "redBlue" | "gray";

type Rgb = readonly [red: number, green: number, blue: number];

/**
 * viridis: each 17th of its 256 colors. Brightness grows steadily, so that it reads in gray and with any color vision.
 *
 * @see Smith and van der Walt, viridis, in the public domain (CC0): https://bids.github.io/colormap/
 */
const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84], [72, 26, 108], [71, 47, 125], [65, 68, 135], [57, 86, 140], [49, 104, 142], [42, 120, 142], [35, 136, 142],
  [31, 152, 139], [34, 168, 132], [53, 183, 121], [84, 197, 104], [122, 209, 81], [165, 219, 54], [210, 226, 27], [253, 231, 37],
]; // prettier-ignore

/**
 * RdBu of eleven colors, turned so that red is high, with plain white in the middle: 0 shall look like nothing.
 *
 * @see Brewer, Harrower and others, https://colorbrewer2.org (Apache License 2.0)
 */
const RED_BLUE: readonly Rgb[] = [
  [5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [255, 255, 255],
  [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31],
]; // prettier-ignore

const GRAY: readonly Rgb[] = [[0, 0, 0], [255, 255, 255]]; // prettier-ignore

const MAPS: Readonly<Record<ColorMap, readonly Rgb[]>> = { viridis: VIRIDIS, redBlue: RED_BLUE, gray: GRAY };
const NAMES = Object.keys(MAPS) as ColorMap[];

/** The check of an option. */
export const colorMap: Check<ColorMap> = (who, name, value) => oneOf(who, name, value, NAMES);

/** The color of a number from 0 to 1, as levels from 0 to 255 that are not rounded yet. */
export function colorOf(map: ColorMap, value: number): Rgb {
  const colors = MAPS[map];
  const place = value * (colors.length - 1);
  const first = Math.min(Math.floor(place), colors.length - 2);
  const part = place - first;
  const mix = (c: number): number => colors[first][c] * (1 - part) + colors[first + 1][c] * part;
  return [mix(0), mix(1), mix(2)];
}
