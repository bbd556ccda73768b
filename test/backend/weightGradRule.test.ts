// Where a tap of the kernel mostly meets padding, its gradient has few terms, and Winograd's rounding, which it would share
// with all terms of its tiles, is too much for it: found by 20,000 draws of agreement.test.ts.
import { afterEach, expect, it } from "vitest";
import { setConvAlgorithm } from "../../src/backend/convAlgorithm.js";
import { conv2dWeightGrad } from "../../src/ops/conv2d.js";
import { randn } from "../../src/ops/create.js";

afterEach(() => {
  setConvAlgorithm("auto");
});

function gradientsOf(shape: number[], padding: [number, number, number, number]): [number[], number[]] {
  const [n, c, h, w] = shape;
  const x = randn(shape, { seed: 1 });
  const dy = randn([n, 8, h + padding[0] + padding[1] - 2, w + padding[2] + padding[3] - 2], { seed: 2 });
  return (["auto", "direct"] as const).map((algorithm) => {
    setConvAlgorithm(algorithm);
    return [...conv2dWeightGrad(x, dy, [8, c, 3, 3], { padding }).data];
  }) as [number[], number[]];
}

it("sums a weight gradient directly where a tap meets the image in less than half of the pixels", () => {
  const [chosen, direct] = gradientsOf([1, 33, 3, 16], [0, 3, 2, 1]);
  expect(chosen).toEqual(direct);
});

it("keeps Winograd's sums for the usual paddings, from 8 x 8 on", () => {
  for (const [h, w] of [
    [8, 8],
    [14, 14],
    [8, 16],
  ]) {
    // prettier-ignore
    const [chosen, direct] = gradientsOf([1, 33, h, w], [1, 1, 1, 1]);
    expect(chosen).not.toEqual(direct);
  }
});

it("counts the pixels of the whole batch", () => {
  const usual = [1, 1, 1, 1] as [number, number, number, number];
  const [one, oneDirect] = gradientsOf([1, 33, 7, 7], usual);
  expect(one).toEqual(oneDirect);
  const [many, manyDirect] = gradientsOf([8, 33, 7, 7], usual);
  expect(many).not.toEqual(manyDirect);
});
