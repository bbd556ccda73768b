// occlusion: how much the score falls when a window of the image is covered.
import { ShapeError } from "../base/errors.js";
import { positive, positivePair, readOptions, type OptionTable } from "../base/options.js";
import { formatShape, type Pair, type PairOption } from "../base/shape.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { baselineCheck, likeInput } from "./baseline.js";
import { TARGET, checkSubject, looking, type TargetOptions } from "./probe.js";
import { checkFinite, scoreWeights, scoresOf, type ScoreTarget } from "./score.js";

/** Options of {@link occlusion}. Pairs are [vertical, horizontal]. */
export interface OcclusionOptions extends TargetOptions {
  /** Rows and columns that are covered at once. */
  readonly window: PairOption;
  /** From one window to the next. Default: half the window, rounded up. */
  readonly stride?: PairOption;
  /** What covers: a number, or a tensor in the shape of x or of one image [1, C, H, W]. Default 0. */
  readonly baseline?: number | Tensor;
  /** How many covered images are predicted at once. Default 32. */
  readonly batch?: number;
}

const half = ({ window }: Readonly<Record<string, unknown>>): Pair => {
  const [height, width] = window as Pair;
  return [Math.ceil(height / 2), Math.ceil(width / 2)];
};
const OPTIONS: OptionTable<{
  target: ScoreTarget | undefined;
  window: Pair;
  stride: Pair;
  baseline: number | Tensor;
  batch: number;
}> = {
  target: TARGET,
  window: { check: positivePair, missing: "a window, such as { window: 7 }, got none" },
  stride: { check: positivePair, default: half },
  baseline: { check: baselineCheck, default: 0 },
  batch: { check: positive, default: 32 },
};

interface Window {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * score(x) - score(x with a window covered), for each pixel the mean over the windows that cover it: positive where the score needs
 * what is there. It asks for no gradient, so it serves any model; the price is a prediction for each window.
 *
 * Windows begin at multiples of the stride; the last in a row ends with the image. All channels of a pixel are covered together.
 *
 * @param x images [N, C, H, W]
 * @returns a tensor [N, 1, H, W]
 *
 * @throws ShapeError for a window larger than the image, or a stride larger than the window, which would leave pixels out
 * @see Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014
 */
export function occlusion(model: Layer, x: Tensor, options: OcclusionOptions): Tensor {
  const who = "occlusion";
  checkSubject(who, model, x);
  const { target, window, stride, baseline, batch } = readOptions(who, OPTIONS, options);
  const [N, , H, W] = x.shape;
  if (x.rank !== 4) throw new ShapeError(`${who}: expected images [N, C, H, W], got ${formatShape(x.shape)}.`);
  if (window[0] > H || window[1] > W || stride[0] > window[0] || stride[1] > window[1]) {
    throw new ShapeError(
      `${who}: expected a window of at most ${H} x ${W} and a stride of at most the window, got window ${formatShape(window)} and ` +
        `stride ${formatShape(stride)}.`,
    );
  }
  const cover = likeInput(who, "baseline", baseline, x);
  const windows = windowsOf([H, W], window, stride);
  const map = x.like([N, 1, H, W]);
  looking(model, () => {
    const y = model.forward(x);
    const weights = scoreWeights(who, target, y);
    const whole = scoresOf(y, weights);
    for (let n = 0; n < N; n++) {
      const sums = new Float64Array(H * W);
      const counts = new Float64Array(H * W);
      for (let from = 0; from < windows.length; from += batch) {
        const some = windows.slice(from, from + batch);
        const rows = new Int32Array(some.length).fill(n);
        const scores = scoresOf(model.forward(covered(x.take(rows), cover.take(rows), some)), weights.take(rows));
        some.forEach((each, i) => {
          for (let row = each.top; row < each.bottom; row++) {
            for (let column = each.left; column < each.right; column++) {
              sums[row * W + column] += whole[n] - scores[i];
              counts[row * W + column]++;
            }
          }
        });
      }
      for (let i = 0; i < sums.length; i++) map.data[n * H * W + i] = sums[i] / counts[i];
    }
  });
  return checkFinite(who, "differences of scores", map);
}

function windowsOf([H, W]: Pair, [height, width]: Pair, stride: Pair): Window[] {
  const starts = (size: number, window: number, step: number): number[] =>
    Array.from({ length: 1 + Math.ceil((size - window) / step) }, (_, i) => i * step);
  return starts(H, height, stride[0]).flatMap((top) =>
    starts(W, width, stride[1]).map((left) => {
      return { top, left, bottom: Math.min(top + height, H), right: Math.min(left + width, W) };
    }),
  );
}

// Row i of x with window i of the cover.
function covered(x: Tensor, cover: Tensor, windows: readonly Window[]): Tensor {
  const [, C, H, W] = x.shape;
  const source = numbersNow(cover);
  windows.forEach(({ top, left, bottom, right }, i) => {
    for (let c = 0; c < C; c++) {
      for (let row = top; row < bottom; row++) {
        const line = ((i * C + c) * H + row) * W;
        x.data.set(source.subarray(line + left, line + right), line + left);
      }
    }
  });
  return x;
}
