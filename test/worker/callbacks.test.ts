// Callbacks of a run in a worker: called in this thread, in fit's order; the run waits for them and takes over what they change.
import { describe, expect, it } from "vitest";
import { SGD, Sequential, type Layer } from "../../src/index.js";
import { earlyStopping, fit, progress, type Callback } from "../../src/entries/train.js";
import { trainInWorker, type WorkerOptions } from "../../src/entries/worker.js";
import { make, timeless } from "../train/support.js";
import { outcome } from "./support.js";

const adam = { type: "Adam", lr: 0.01 } as const;

// The same callbacks with fit and in a worker.
async function both(callbacks: () => readonly Callback[], epochs: number = 4): Promise<readonly [object, object]> {
  const [a, b] = [make(), make()];
  const want = await fit(a.model, a.data, {
    ...{ optimizer: a.optimizer, epochs, validation: a.validation, callbacks: callbacks() },
  });
  const got = await trainInWorker(b.model, b.data, {
    ...{ optimizer: b.optimizer, epochs, validation: b.validation, callbacks: callbacks() },
  });
  return [outcome(want, a.model), outcome(got, b.model)];
}

describe("Callbacks of a run in a worker", () => {
  it("are called in fit's order with fit's records, and see the weights of their epoch", async () => {
    const logs: unknown[][] = [];
    const callbacks = (): Callback[] => {
      const log: unknown[] = [];
      logs.push(log);
      return [
        {
          onStart: ({ epoch, epochs }) => void log.push(["start", epoch, epochs]),
          onEpochStart: ({ epoch, batch }) => void log.push(["epoch", epoch, batch]),
          onBatchEnd: (_, record) => void log.push(record),
          async onEpochEnd({ model, epoch, samples, history, runningLoss, steps }, record) {
            await Promise.resolve();
            const bias = Array.from((model as Sequential).parameters().at(-1)!.value.data);
            log.push([epoch, samples, runningLoss, steps, timeless([record]), history.epochs.length, bias]);
          },
          onEnd: (_, { ended, epochs, best }) => void log.push([ended, epochs, best]),
        },
      ];
    };
    const [want, got] = await both(callbacks);
    expect(got).toEqual(want);
    expect(logs[1]).toEqual(logs[0]);
    expect(logs[0].length).toBe(1 + 4 * (1 + 4 + 1) + 1);
  });

  it("of this package end a run early, and report", async () => {
    const texts: string[] = [];
    const callbacks = (): Callback[] => {
      texts.push("");
      const write = (text: string): void => void (texts[texts.length - 1] += text.replace(/\d+\.\d s/, "s"));
      return [earlyStopping({ monitor: "runningLoss", patience: 0, minDelta: 0.2 }), progress({ write })];
    };
    const [want, got] = await both(callbacks, 20);
    expect(got).toEqual(want);
    expect(got).toMatchObject({ ended: "stopped" });
    expect(texts[1]).toBe(texts[0]);
    expect(texts[0]).toContain("epoch 1/20");
  });

  it("may change weights, learning rates, modes and what is frozen", async () => {
    const change = (): Callback[] => [
      {
        onStart: ({ model }) => void ([...(model as Sequential)][0] as Layer).freeze(),
        onEpochStart: ({ epoch, optimizers }) => void ((optimizers[0] as SGD).lr = 0.02 / epoch),
        onEpochEnd({ model, epoch }) {
          if (epoch === 2) ([...(model as Sequential)][0] as Layer).unfreeze();
          if (epoch === 2) ([...(model as Sequential)][1] as Layer).eval();
          if (epoch === 3) model.parameters()[0].value.data[1] = 0.5;
        },
      },
    ];
    const [want, got] = await both(change);
    const [plain] = await both(() => []);
    expect(got).toEqual(want);
    expect(want).not.toEqual(plain);
  });

  it.each(["onStart", "onEpochStart", "onBatchEnd", "onEpochEnd", "onEnd"] as const)(
    "end the run by an error in %s, the very same object",
    async (method) => {
      const error = new TypeError("of a callback");
      const ends: string[] = [];
      const { model, data, validation } = make();
      const options: WorkerOptions = {
        ...{ optimizer: adam, epochs: 3, validation },
        callbacks: [
          {
            [method]: () => {
              throw error;
            },
          },
          { onEnd: (_, { ended }) => void ends.push(ended) },
        ],
      };
      const training = trainInWorker(model, data, options as never);
      await expect(training).rejects.toBe(error);
      expect(ends).toEqual([method === "onEnd" ? "completed" : "failed"]);
      await trainInWorker(model, data, { optimizer: adam, epochs: 1 }); // nothing is left in training
    },
  );

  it("that are asynchronous are waited for", async () => {
    const { model, data } = make();
    const order: string[] = [];
    await trainInWorker(model, data, {
      ...{ optimizer: adam, epochs: 2 },
      callbacks: [
        {
          onEpochStart: ({ epoch }) => void order.push(`start ${epoch}`),
          async onEpochEnd({ epoch }) {
            await new Promise((resolve) => setTimeout(resolve, 60));
            order.push(`end ${epoch}`);
          },
        },
      ],
    });
    expect(order).toEqual(["start 1", "end 1", "start 2", "end 2"]);
  });
});
