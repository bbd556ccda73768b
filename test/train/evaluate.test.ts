// evaluate, predict, the history, and weights of classes.
import { describe, expect, it } from "vitest";
import { ArgumentError, CrossEntropy, accuracy } from "../../src/index.js";
import { loadModel, saveModel } from "../../src/entries/io.js";
import { History, classWeights, evaluate, fit, predict, type EpochRecord } from "../../src/entries/train.js";
import { images, make } from "./support.js";

describe("evaluate and predict", () => {
  it("run in eval mode, leave the mode as it was, and a backward that waits", async () => {
    const { model, validation } = make();
    const held = images(17, 6);
    const loss = new CrossEntropy();
    loss.forward(model.forward(held.x), held.y);
    const { accuracy: share } = await evaluate(model, validation, { loss, metrics: { accuracy } });
    expect(share).toBeCloseTo(accuracy(model.predict(held.x), held.y), 12);
    expect(model.training).toBe(true);
    model.backward(loss.backward());
    const logits = await predict(model, validation);
    expect(logits.toArray()).toEqual(model.predict(held.x).toArray());
    expect((await predict(model, [held.x])).toArray()).toEqual(logits.toArray());
  });

  it("take what loadModel gives, which fit names the model of", async () => {
    const { model, validation, data, optimizer } = make();
    const loaded = loadModel(saveModel(model));
    const options = { metrics: { accuracy } };
    expect(await evaluate(loaded, validation, options)).toEqual(await evaluate(model, validation, options));
    expect((await predict(loaded, validation)).toArray()).toEqual((await predict(model, validation)).toArray());
    expect(() => fit(loaded as never, data, { optimizer, epochs: 1 })).toThrow(
      "fit: expected a model, got an object (LoadedModel) (give its model: loaded.model).",
    );
  });

  it("refuse what they cannot use", async () => {
    const { model, validation } = make();
    await expect(evaluate(model, validation)).rejects.toThrow(
      "evaluate: expected a loss or metrics, got none of them (for outputs alone use predict).",
    );
    await expect(evaluate(model, [], { metrics: { accuracy } })).rejects.toThrow("at least one batch");
    const none = new CrossEntropy({ reduction: "none" });
    await expect(evaluate(model, validation, { loss: none })).rejects.toThrow(
      'evaluate: expected the loss of a batch to be a number, got an object (Tensor) (with reduction "mean" or "sum").',
    );
    await expect(predict(model, validation, { signal: AbortSignal.abort("no") })).rejects.toBe("no");
  });
});

describe("History", () => {
  it("goes through JSON with every number, and gives tables", () => {
    const history = new History();
    history.addEpoch({ epoch: 1, lr: 0.1, valLoss: NaN, confusion: [[1, 2]] } as EpochRecord);
    history.addEpoch({ epoch: 2, lr: 0.1, valLoss: -Infinity, "a,b": 3 } as EpochRecord);
    history.addBatch({ epoch: 1, batch: 1, loss: Infinity, lr: 0.1, gradNorm: null });
    const again = History.from(JSON.parse(JSON.stringify(history)));
    expect(again.epochs).toEqual(history.epochs);
    expect(again.batches).toEqual(history.batches);
    expect(history.toCSV()).toBe('epoch,lr,valLoss,"a,b"\n1,0.1,NaN,\n2,0.1,-Infinity,3\n');
    expect(history.toCSV("batches")).toBe("epoch,batch,loss,lr,gradNorm\n1,1,Infinity,0.1,\n");
    expect(() => History.from([])).toThrow(ArgumentError);
  });
});

describe("classWeights", () => {
  it("are samples / (classes * samples of the class)", () => {
    expect(classWeights([0, 0, 0, 1])).toEqual([2 / 3, 2]);
    expect(classWeights([1n, 0n, 1n, 1n])).toEqual([2, 2 / 3]);
    const none = "classWeights: expected samples of each class, got none of class";
    expect(() => classWeights([0, 2])).toThrow(`${none} 1 of 3.`);
    expect(() => classWeights([0, 1], 3)).toThrow(`${none} 2 of 3.`);
    expect(() => classWeights([0.5])).toThrow(ArgumentError);
  });
});
