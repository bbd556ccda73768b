// Curves and confusion matrices as text.
import { describe, expect, it } from "vitest";
import { History } from "../../src/entries/train.js";
import { confusionTable, plotHistory, type PlotHistoryOptions } from "../../src/entries/report.js";
import { widthOf } from "../../src/report/terminal/display.js";
import { history } from "./support.js";

const CODES = /\u001b\[\d+m/g;
const plain = (text: string): string => text.replace(CODES, "");
const widest = (text: string): number => Math.max(...plain(text).split("\n").map(widthOf));

describe("plotHistory", () => {
  it("draws all losses, each with its own points where there are no colors", async () => {
    const text = await plotHistory(history(), { width: 60, height: 10 });
    expect(text).not.toMatch(CODES);
    expect(text.split("\n").slice(-3)).toEqual([
      "● running training loss, at the end 0.6",
      "○ validation loss, at the end 1.25",
      "",
    ]);
    const [points, others] = ["●", "○"].map((symbol) => text.split(symbol).length - 2); // without the legend
    expect(points + others).toBeGreaterThanOrEqual(8); // ten, of which two may coincide
    expect(text).toMatch(/^\s+1 +2 +3 +4 +5$/m);
  });

  it.each([40, 57, 80, 120])("fits into %i columns, with 3 epochs or 300, with colors or without", async (width) => {
    for (const epochs of [3, 300]) {
      const losses = Array.from({ length: epochs }, (_, i) => 1000 / (i + 1));
      for (const color of [true, false]) {
        expect(widest(await plotHistory(history(losses, 1), { width, color }))).toBeLessThanOrEqual(width);
      }
    }
  });

  it("has colors when they are asked for, and the same legend", async () => {
    const text = await plotHistory(history(), { width: 60, color: true });
    expect(text).toMatch(CODES);
    expect(plain(text)).toContain("━━ validation loss, at the end 1.25");
  });

  it("counts what is not finite", async () => {
    const text = await plotHistory(history([2, NaN, Infinity, 1]), { columns: ["valLoss"] });
    expect(text).toContain("━━ validation loss, at the end 1, 2 not finite");
  });

  it("draws a single epoch", async () => {
    expect(await plotHistory(history([2]), { columns: ["valAccuracy"] })).toContain(
      "validation accuracy, at the end 0.5",
    );
  });

  it("keeps control characters of a name away from the terminal", async () => {
    const made = new History();
    [1, 2].forEach((epoch) => made.addEpoch({ epoch, "evil\u001b[2J loss": epoch }));
    expect(await plotHistory(made)).toContain("evil?[2J loss, at the end 2");
    made.addEpoch({ epoch: 3, [`${"long ".repeat(30)}loss`]: 3 });
    expect(widest(await plotHistory(made, { width: 50 }))).toBeLessThanOrEqual(50);
  });

  it.each([
    [{ columns: ["valLos"] }, 'expected columns with numbers (epoch, batches, samples, seconds, lr, runningLoss, valLoss, valAccuracy), got "valLos".'], // prettier-ignore
    [{ columns: [] }, 'expected columns as a list of names such as ["valLoss"], got [].'],
    [{ width: 10 }, "expected width to be a whole number of at least 40, got 10."],
    [{ heigth: 10 }, 'unknown option "heigth", did you mean "height"?'],
  ])("refuses the options %j", async (options, message) => {
    await expect(plotHistory(history(), options as PlotHistoryOptions)).rejects.toThrow(message);
  });

  it("refuses what is no history, and one without losses", async () => {
    await expect(plotHistory({} as History)).rejects.toThrow("plotHistory: expected the history of fit, got an object");
    await expect(plotHistory(new History())).rejects.toThrow(
      "expected columns with numbers (there are none), got none.",
    );
  });
});

describe("confusionTable", () => {
  it("writes names and counts, by hand", () => {
    expect(
      confusionTable(
        [
          [5, 0],
          [1, 14],
        ],
        { classes: ["cat", "dog"], width: 80, color: false },
      ),
    ).toBe(
      // prettier-ignore
      ["true │ cat dog", "─────┼────────", "cat  │   5   0", "dog  │   1  14", ""].join("\n"),
    );
  });

  it("writes shares with two digits, and paints right ones, mistakes and nothings", () => {
    const text = confusionTable([[0.75, 0.25], [0, 1]], { color: true }); // prettier-ignore
    expect(text).toContain("\u001b[32m0.75\u001b[0m \u001b[33m0.25\u001b[0m");
    expect(text).toContain("\u001b[2m0.00\u001b[0m \u001b[32m1.00\u001b[0m");
  });

  it.each([20, 33, 80])("fits into %i columns, in blocks if need be, and loses no cell", (width) => {
    const size = 23;
    const matrix = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => 1000 + i * size + j));
    const classes = matrix.map((_, i) => (i % 2 === 0 ? `class number ${i} of many` : `${i}번째 분류`));
    const text = confusionTable(matrix, { width, classes, color: false });
    expect(widest(text)).toBeLessThanOrEqual(width);
    const found = text.split("\n").flatMap((line) => line.split("│")[1]?.match(/\b1\d{3}\b/g) ?? []);
    expect(found.map(Number).sort((a, b) => a - b)).toEqual(matrix.flat());
  });

  it("counts wide letters as two columns", () => {
    const lines = confusionTable([[1, 2], [3, 4]], { classes: ["고양이", "dog"], width: 80, color: false }).split("\n"); // prettier-ignore
    expect(lines.slice(0, 4).map((line) => widthOf(line.split(/[│┼]/)[0]))).toEqual([7, 7, 7, 7]);
    expect(widthOf("e\u0301")).toBe(1);
  });

  it.each([
    [[], "confusionTable: expected as many rows as columns, got []"],
    [[[1, 2]], "expected as many rows as columns, got [[1, 2]]"],
    [[[NaN]], "expected counts or shares of at least 0, got NaN."],
    [[[-1]], "expected counts or shares of at least 0, got -1."],
    [[[Infinity]], "expected counts or shares of at least 0, got Infinity."],
  ])("refuses the matrix %j", (matrix, message) => {
    expect(() => confusionTable(matrix as number[][])).toThrow(message);
  });

  it("refuses other names than classes", () => {
    expect(() => confusionTable([[1]], { classes: ["a", "b"] })).toThrow("expected 1 names of classes, got 2.");
  });
});
