// Checkpoints of a run in a worker: it goes on as fit does, and either goes on from the other's.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openCheckpoints } from "../../src/entries/io.js";
import { earlyStopping, fit, type Callback } from "../../src/entries/train.js";
import { trainInWorker } from "../../src/entries/worker.js";
import { make } from "../train/support.js";
import { outcome } from "./support.js";

const folders: string[] = [];
function place(): string {
  folders.push(mkdtempSync(join(tmpdir(), "handgrad-worker-")));
  return folders.at(-1)!;
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const adam = { type: "Adam", lr: 0.01 } as const;

// Counts batches, also over a resume.
function counter(log: number[]): Callback {
  let batches = 0;
  return {
    name: "counter",
    onBatchEnd: () => void batches++,
    onEpochEnd: () => void log.push(batches),
    state: () => batches,
    restore: (state) => {
      batches = state as number;
    },
  };
}

describe("A run in a worker with checkpoints", () => {
  it.each([
    ["fit", "fit"],
    ["worker", "worker"],
    ["fit", "worker"],
    ["worker", "fit"],
  ] as const)("that is stopped in %s goes on in %s", async (first, second) => {
    const run = async (at: string, by: "fit" | "worker", epochs: number, log: number[]): Promise<object> => {
      const { model, data, optimizer, validation } = make();
      const callbacks = [counter(log), earlyStopping({ patience: 50 })];
      const common = { epochs, validation, callbacks, resume: true, checkpointEvery: 3 };
      const result =
        by === "fit"
          ? await fit(model, data, { optimizer, checkpoints: await openCheckpoints(at), ...common })
          : await trainInWorker(model, data, { optimizer: adam, checkpoints: { place: at, keep: 2 }, ...common });
      return outcome(result, model);
    };
    const [wanted, log]: number[][] = [[], []];
    const want = await run(place(), "fit", 5, wanted);
    const at = place();
    await run(at, first, 2, log);
    expect(await run(at, second, 5, log)).toEqual(want);
    expect(log).toEqual(wanted);
    expect(log).toEqual([4, 8, 12, 16, 20]);
  });

  it("refuses a place that is none", async () => {
    const { model, data } = make();
    const options = { optimizer: adam, epochs: 1, checkpoints: { place: 5 } };
    await expect(trainInWorker(model, data, options as never)).rejects.toThrow(
      "trainInWorker: expected checkpoints at a place, a path or a name, got 5.",
    );
  });
});
