// What is collected for a report while a model is trained: by epoch, over a resume, and in the report.
import { describe, expect, it } from "vitest";
import { Sequential, type Tensor } from "../../src/index.js";
import { batches } from "../../src/entries/data.js";
import { openCheckpoints } from "../../src/entries/io.js";
import { confusionMatrix } from "../../src/entries/metrics.js";
import { fit, type Callback, type FitResult } from "../../src/entries/train.js";
import { collectForReport, htmlReport, type Collected } from "../../src/entries/report.js";
import { images, make, memoryStore } from "../train/support.js";
import { attribute, named, textOf } from "./support.js";

const held = images(17, 6);

// What the model predicted after each epoch, by predict alone.
function predicted(into: number[][]): Callback {
  return { onEpochEnd: ({ model }) => void into.push([...(model as Sequential).predict(held.x).argmax(1)]) };
}

interface Data {
  readonly names: string[];
  readonly current: number;
  readonly views: { words: string; epoch: number | null; cells: number[]; right: number; total: number }[];
  readonly pictures: { id: string; label: number; by: number[] }[];
}

const dataOf = (page: string): Data => JSON.parse(textOf(named(page, "script")[0])) as Data;

describe("collectForReport", () => {
  it("keeps the predictions after every epoch, and the report has a matrix for each", async () => {
    const { model, optimizer, data, validation } = make(4);
    const collected = collectForReport(validation);
    const expected: number[][] = [];
    const result = await fit(model, data, {
      optimizer,
      epochs: 3,
      validation,
      callbacks: [collected, predicted(expected)],
    });
    const { epochs, labels, classes, seed } = JSON.parse(JSON.stringify(collected)) as Collected;
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs.map((record) => record.predicted)).toEqual(expected);
    expect([labels, classes, seed]).toEqual([[...held.y], 3, 4]);
    const page = await htmlReport({ ...result, model, data: validation, collected });
    const { views, pictures, current } = dataOf(page);
    expect(views.map(({ epoch }) => epoch)).toEqual([1, 2, 3, null]);
    expect(current).toBe(3);
    expected.forEach((classesOf, i) => {
      expect(views[i].cells).toEqual(confusionMatrix(classesOf, held.y, { classes: 3 }).flat());
    });
    // In every epoch the pictures lie in the cells that counted them.
    for (const [v, { cells }] of views.entries()) {
      const counts = new Array<number>(9).fill(0);
      for (const { label, by } of pictures) counts[label * 3 + by[v]]++;
      expect(pictures).toHaveLength(17);
      expect(counts).toEqual(cells);
    }
    expect(attribute(named(page, "input")[0], "max")).toBe("3");
  });

  it("goes on with what it had when the run is resumed, as if it had never been stopped", async () => {
    const through = make(2);
    const whole = collectForReport(through.validation);
    const callbacks = [whole];
    await fit(through.model, through.data, {
      optimizer: through.optimizer,
      epochs: 4,
      validation: through.validation,
      callbacks,
    });
    const files = memoryStore();
    const part = async (epochs: number): Promise<[FitResult, string]> => {
      const { model, optimizer, data, validation } = make(2);
      const collected = collectForReport(validation);
      const checkpoints = await openCheckpoints(files);
      const options = { optimizer, epochs, validation, callbacks: [collected], checkpoints, resume: true };
      return [await fit(model, data, options), JSON.stringify(collected)];
    };
    await part(2);
    const [, resumed] = await part(4);
    expect(resumed).toBe(JSON.stringify(whole));
  });

  it("does nothing to what is learned", async () => {
    const weights = async (looked: boolean): Promise<Float32Array[]> => {
      const { model, optimizer, data, validation } = make(3);
      const callbacks = looked ? [collectForReport(validation)] : [];
      await fit(model, data, { optimizer, epochs: 2, callbacks });
      return Object.values(model.stateDict() as Record<string, Tensor>).map((tensor) => Float32Array.from(tensor.data));
    };
    expect(await weights(true)).toEqual(await weights(false));
  });

  it("looks after every so many epochs and after the last", async () => {
    const { model, optimizer, data, validation } = make();
    const collected = collectForReport(validation, { every: 2, name: "mine" });
    expect(collected.name).toBe("mine");
    await fit(model, data, { optimizer, epochs: 5, callbacks: [collected] });
    expect(collected.toJSON().epochs.map(({ epoch }) => epoch)).toEqual([2, 4, 5]);
  });

  it("refuses data in another order, and a report on other data", async () => {
    const { model, optimizer, data, validation } = make();
    const shuffled = batches(held.x, held.y, { size: 5, shuffle: true });
    await expect(fit(model, data, { optimizer, epochs: 3, callbacks: [collectForReport(shuffled)] })).rejects.toThrow(
      "expected the samples in the same order after every epoch, got other labels after epoch 2",
    );
    const collected = collectForReport(validation);
    const next = make();
    const result = await fit(next.model, next.data, { optimizer: next.optimizer, epochs: 1, callbacks: [collected] });
    await expect(htmlReport({ ...result, model: next.model, data: next.data, collected })).rejects.toThrow(
      "expected the samples in the order in which they were collected, got other labels",
    );
  });

  it("refuses what it does not know", () => {
    const { validation } = make();
    expect(() => collectForReport(validation, { every: 0 })).toThrow(
      "collectForReport: expected every to be a whole number",
    );
    expect(() => collectForReport(validation, { name: "" })).toThrow('expected name as a text, got "".');
    const collected = collectForReport(validation);
    expect(() => collected.restore?.({ epochs: [1] })).toThrow("expected state as collectForReport(...)");
    const odd = { seed: 1, classes: 2, labels: [0, 1], epochs: [{ epoch: 1, predicted: [0, 2] }] };
    expect(() => collected.restore?.(odd)).toThrow("expected state as collectForReport(...)");
  });
});
