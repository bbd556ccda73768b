// Numbers, names and sentences of reports.
import { describe, expect, it } from "vitest";
import { cellWords, matrixWords, percent, shade } from "../../src/report/page/words.js";
import { columnWords, curveWords, duration, short } from "../../src/report/words.js";

describe("Words of a report", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [0.1, "0.1"],
    [2.302585, "2.303"],
    [100, "100"],
    [1234567, "1.23e6"],
    [12345, "12,345"],
    [-12345, "-12,345"],
    [0.00012345, "1.23e-4"],
    [1e-7, "1e-7"],
    [1e22, "1e22"],
    [12.5, "12.5"],
    [NaN, "NaN"],
    [-Infinity, "-infinity"],
  ])("%d is written as %s", (value, text) => expect(short(value)).toBe(text));

  it.each([
    [0.98765, "98.8 %"],
    [1, "100.0 %"],
    [0.99999, "99.9 %"],
    [0.00001, "0.1 %"],
    [0, "0.0 %"],
  ])("a share of %d is %s: all and nothing are said of all and nothing alone", (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it.each([
    [0.42, "0.4 s"],
    [9.99, "10 s"],
    [59, "59 s"],
    [61, "1 min"],
    [3725, "1 h 2 min"],
    [3599, "1 h 0 min"],
  ])("%d seconds are %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  it.each([
    ["valLoss", "validation loss"],
    ["runningAccuracy", "running training accuracy"],
    ["trainTop5", "training top5"],
    ["valF1", "validation F1"],
    ["valAUC", "validation AUC"],
    ["validity", "validity"],
    ["trainer", "trainer"],
  ])("the column %s is called %s", (name, words) => expect(columnWords(name)).toBe(words));

  const points = (...values: number[]): [number, number][] => values.map((value, i) => [i + 1, value]);
  it.each([
    [points(2.3, 1, 0.06, 0.1), "lowest", "Loss fell from 2.3 to 0.1; lowest in epoch 3: 0.06."],
    [points(0.1, 0.2, 0.9), "highest", "Loss rose from 0.1 to 0.9; highest at the end."],
    [points(2, 1, 2), "lowest", "Loss began and ended at 2; lowest in epoch 2: 1."],
    [points(3, 3), "lowest", "Loss stayed at 3."],
    [points(3), "lowest", "Loss is 3 in epoch 1."],
    [points(2, NaN, Infinity, 1), "lowest", "Loss fell from 2 to 1; lowest at the end. 2 of 4 values are not finite."],
    [points(NaN, 4), "lowest", "Loss is 4 in epoch 2. 1 of 2 values is not finite."],
    [points(NaN), "lowest", "Loss has no finite value."],
  ] as const)("tells the curve %j in one sentence", (values, extreme, sentence) => {
    expect(curveWords("Loss", values, "epoch", extreme)).toBe(sentence);
  });

  it("tells a matrix by its share of right ones and its most frequent mistake", () => {
    const cells = [5, 1, 3, 1];
    expect(matrixWords(["cat", "dog"], { cells, right: 6, total: 10 }, true)).toBe(
      "6 of 10 are right (60.0 %). The most frequent mistake: dog taken for cat 3 times.",
    );
    expect(matrixWords(["a", "b"], { cells: [2000, 0, 0, 1], right: 2001, total: 2001 }, true)).toBe(
      "2,001 of 2,001 are right (100.0 %).",
    );
    expect(matrixWords(["a", "b"], { cells: [1, 1, 0, 1], right: 7, total: 8 }, false)).toBe(
      "7 of 8 are right (87.5 %). The most frequent mistake among these classes: a taken for b 1 time.",
    );
    expect(cellWords("cat", "cat", 1)).toBe("cat recognized 1 time");
  });

  it("shades no cell without a count, and every one with", () => {
    expect([shade(0, 0), shade(0, 9), shade(1, 1_000_000), shade(1, 4), shade(4, 4)]).toEqual([0, 0, 1, 5, 10]);
  });
});
