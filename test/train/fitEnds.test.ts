// How a training run ends, and that the best weights are in the model then.
import { describe, expect, it } from "vitest";
import { SGD, StateError, accuracy } from "../../src/index.js";
import { EMA, earlyStopping, fit, type Callback } from "../../src/entries/train.js";
import { throwsExactly } from "../support/errors.js";
import { digest, make } from "./support.js";

describe("The end of fit", () => {
  it("puts the best weights back when all epochs are made, and says which epoch they are of", async () => {
    const { model, optimizer, data, validation } = make(4);
    const digests: string[] = [];
    optimizer.lr = 0.2; // too large: it comes and goes
    const callbacks: Callback[] = [{ onEpochEnd: ({ model }) => void digests.push(digest(model)) }];
    const { best, history } = await fit(model, data, { optimizer, epochs: 8, validation, callbacks });
    const losses = history.column("valLoss");
    const place = losses.indexOf(Math.min(...losses));
    expect(place).toBeLessThan(7); // else this shows nothing
    expect(best).toEqual({ epoch: place + 1, monitor: "valLoss", value: losses[place] });
    expect(digest(model)).toBe(digests[place]);

    const again = make(4);
    again.optimizer.lr = 0.2;
    const options = { optimizer: again.optimizer, epochs: 8, validation: again.validation };
    const last = await fit(again.model, again.data, { ...options, restoreBest: false });
    expect(last.best).toBeNull();
    expect(digest(again.model)).toBe(digests[7]);

    const most = make(4);
    const result = await fit(most.model, most.data, {
      ...{ optimizer: most.optimizer, epochs: 4, validation: most.validation, metrics: { accuracy } },
      restoreBest: { monitor: "valAccuracy", mode: "max" },
    });
    const shares = result.history.column("valAccuracy");
    expect(result.best?.epoch).toBe(shares.indexOf(Math.max(...shares)) + 1);
  });

  it.each(["stop", "abort", "error", "error in onEnd"])("puts them back after %s within an epoch", async (how) => {
    const { model, optimizer, data, validation } = make(2);
    const controller = new AbortController();
    const digests: string[] = [];
    const ends: string[] = [];
    const callback: Callback = {
      onEpochEnd: () => void digests.push(digest(model)),
      onBatchEnd(training, { epoch, batch }) {
        if (epoch !== 3 || batch !== 2) return;
        if (how === "abort") controller.abort(new Error("enough"));
        if (how === "stop" || how === "error in onEnd") training.stop("enough");
        if (how === "error") throw new Error("enough");
      },
      onEnd(_, result) {
        ends.push(result.ended, digest(model));
        if (how === "error in onEnd") throw new Error("enough");
      },
    };
    const { signal } = controller;
    const other: Callback = { onEnd: (_, { ended }) => void ends.push(ended) };
    const run = fit(model, data, { optimizer, epochs: 9, validation, signal, callbacks: [callback, other] });
    const result = await run.catch((error: unknown) => (error as Error).message);
    if (how === "stop") expect(result).toMatchObject({ ended: "stopped", reason: "enough", epochs: 2 });
    else expect(result).toBe("enough");
    const losses = run.history.column("valLoss");
    expect(losses.length).toBe(2);
    const best = digests[losses.indexOf(Math.min(...losses))];
    expect(digest(model)).toBe(best);
    const ended = { stop: "stopped", abort: "aborted", error: "failed", "error in onEnd": "stopped" }[how]!;
    expect(ends).toEqual([ended, best, ended]);
    expect(run.history.batches.at(-1)).toMatchObject({ epoch: 3, batch: 2 });
    await fit(model, data, { optimizer, epochs: 1 }); // it is free again
  });

  it.each(["onStart", "onEpochStart", "onEpochEnd"] as const)("rejects with an error thrown in %s, after every onEnd", async (where) => {
    const { model, optimizer, data, validation } = make();
    const ends: string[] = [];
    const fail: Callback = {
      [where]: async (run: { readonly epoch: number }) => {
        await Promise.resolve();
        if (where === "onStart" || run.epoch === 2) throw new RangeError("mine");
      },
    };
    const callbacks: Callback[] = [{ onEnd: (_, { ended }) => void ends.push(ended) }, fail, { onEnd: () => void ends.push("too") }];
    const run = fit(model, data, { optimizer, epochs: 3, validation, callbacks });
    await expect(run).rejects.toThrow(RangeError);
    expect(ends).toEqual(["failed", "too"]);
    expect(run.history.epochs.length).toBe({ onStart: 0, onEpochStart: 1, onEpochEnd: 2 }[where]);
    await fit(model, data, { optimizer, epochs: 1 });
  }); // prettier-ignore

  it("leaves validation at once when it is aborted there, with the averages out of the model", async () => {
    const { model, optimizer, data, validation } = make();
    const controller = new AbortController();
    const metrics = { stop: () => (validation.position.batch === 2 && controller.abort(), 0) };
    const ema = new EMA(model, { decay: 0.5 });
    const run = fit(model, data, {
      optimizer,
      epochs: 3,
      validation,
      metrics,
      average: ema,
      signal: controller.signal,
    });
    await expect(run).rejects.toMatchObject({ name: "AbortError" });
    expect(run.history.epochs).toEqual([]);
    expect(validation.position.batch).toBe(2);
    expect(model.training).toBe(true);
  });

  it("rejects at once for a signal that is aborted, and changes nothing", async () => {
    const { model, optimizer, data } = make();
    const before = digest(model);
    const signal = AbortSignal.abort("never mind");
    await expect(fit(model, data, { optimizer, epochs: 1, signal })).rejects.toBe("never mind");
    expect(digest(model)).toBe(before);
    expect(data.position).toMatchObject({ epoch: 0, batch: 0 });
  });

  it("waits after the batch at hand, when it is told to pause, until it goes on, stops, or is aborted", async () => {
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    for (const then of ["resume", "stop", "abort"] as const) {
      const { model, optimizer, data } = make();
      const controller = new AbortController();
      const pause: Callback = { onBatchEnd: (training, { batch }) => void (batch === 2 && training.pause()) };
      const run = fit(model, data, { optimizer, epochs: 1, signal: controller.signal, callbacks: [pause] });
      const result = run.catch((error: unknown) => error);
      while (!run.paused) await turn();
      expect([run.paused, run.batch, run.epoch, run.batches]).toEqual([true, 2, 1, 4]);
      await turn();
      expect(run.batch).toBe(2);
      if (then === "abort") controller.abort();
      else run[then]();
      const ended = then === "stop" ? "stopped" : "completed";
      expect(await result).toMatchObject(then === "abort" ? { name: "AbortError" } : { ended });
      expect(run.history.batches.length).toBe(then === "resume" ? 4 : 2);
    }
  });

  it("stops early when there is no improvement", async () => {
    const { model, data, validation } = make();
    const optimizer = new SGD(model.parameters(), { lr: 0 });
    model.get(1).eval(); // so that nothing changes
    const early = earlyStopping({ patience: 2 });
    const result = await fit(model, data, { optimizer, epochs: 50, validation, callbacks: [early] });
    expect(result).toMatchObject({ ended: "stopped", epochs: 4, best: { epoch: 1 } });
    expect(result.reason).toMatch(/^valLoss did not improve on \d\.\d+ for 3 epochs$/);
    expect(early.state?.()).toEqual({ best: result.best?.value, bad: 3 });
    const again = await fit(model, data, { optimizer, epochs: 50, validation, callbacks: [early] });
    expect(again.epochs).toBe(4); // it begins anew
    await expect(fit(model, data, { optimizer, epochs: 9, callbacks: [earlyStopping()] })).rejects.toThrow(
      'earlyStopping: expected a number "valLoss" in the results of an epoch, got undefined (there are epoch, batches, ' +
        "samples, seconds, lr, runningLoss; val... needs validation data).",
    );
  });

  it("counts less than minDelta as none, and waits startAfter epochs", async () => {
    const early = earlyStopping({ monitor: "share", mode: "max", patience: 0, minDelta: 0.1, startAfter: 2 });
    let stopped = 0;
    const training = { stop: () => stopped++ } as never;
    const epoch = async (number: number, share: number): Promise<number> => {
      await early.onEpochEnd?.(training, { epoch: number, share });
      return stopped;
    };
    expect([await epoch(1, 0.9), await epoch(2, 0.1)]).toEqual([0, 0]);
    expect([await epoch(3, 0.3), await epoch(4, 0.5), await epoch(5, 0.55)]).toEqual([0, 0, 1]);
  });

  it("refuses to train a model, or a part of it, that another fit trains", async () => {
    const { model, optimizer, data } = make();
    const first = fit(model, data, { optimizer, epochs: 1 });
    const head = model.get(5);
    throwsExactly(
      () => fit(head, data, { optimizer: new SGD(head.parameters(), { lr: 1 }), epochs: 1 }),
      StateError,
      "fit: expected a model that is not in training, got one that another fit trains (await it first).",
    );
    await first;
    await fit(model, data, { optimizer, epochs: 1 });
  });
});
