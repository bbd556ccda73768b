// serveTraining: layers, data, losses, metrics and optimizers of the caller's own in a worker of their own; and workers that are none.
import { describe, expect, it } from "vitest";
import {
  Adam,
  CrossEntropy,
  Flatten,
  Layer,
  Linear,
  Optimizer,
  Parameter,
  Sequential,
  Tensor,
  manualSeed,
  multiply,
  sum,
  type LayerConfig,
} from "../../src/index.js";
import { batches, type Batches } from "../../src/entries/data.js";
import { fit } from "../../src/entries/train.js";
import { serveTraining } from "../../src/entries/serve.js";
import { trainInWorker } from "../../src/entries/worker.js";
import { serveAt, type Served } from "../../src/worker/serveTraining.js";
import { images, make } from "../train/support.js";
import { inThread, outcome } from "./support.js";

// y = x * gain, one number.
class Gain extends Layer<Tensor> {
  readonly gain = new Parameter(new Tensor([1.5]));

  forward(x: Tensor): Tensor {
    this.save(x);
    return multiply(x, this.gain.value);
  }

  backward(dy: Tensor): Tensor {
    const x = this.saved();
    this.gain.accumulate(sum(multiply(dy, x)).reshape([1]));
    return multiply(dy, this.gain.value);
  }

  override config(): LayerConfig {
    return { type: "Gain", args: [] };
  }
}

class Signs extends Optimizer {
  lr = 0.01;

  constructor(model: Layer, { lr }: { readonly lr: number }) {
    super("Signs", model.parameters());
    this.lr = lr;
  }

  step(): void {
    for (const { value, grad } of this.parameters) {
      grad.data.forEach((each, i) => (value.data[i] -= this.lr * Math.sign(each)));
    }
  }
}

const build = (): Sequential => {
  manualSeed(4);
  return new Sequential(new Flatten(), new Gain(), new Linear(36, 3));
};
const data = ({ samples }: { readonly samples: number }): Batches => {
  const { x, y } = images(samples, 3);
  return batches(x, y, { size: 5, shuffle: true, seed: 2 });
};
class Smooth extends CrossEntropy {
  constructor({ by }: { readonly by: number }) {
    super({ labelSmoothing: by });
  }
}
const right = (outputs: Tensor, labels: ArrayLike<number>): number =>
  (outputs.argmax(1) as Int32Array).filter((each, i) => each === labels[i]).length;

const served: Served = {
  layers: { Gain },
  data: { noise: data },
  losses: { smooth: (args: { readonly by: number }) => new Smooth(args) },
  metrics: { right: () => right },
  optimizers: { Signs: (model: Layer, args: { readonly lr: number }) => new Signs(model, args) },
};

describe("A worker of the caller's", () => {
  it("trains layers, data, losses, metrics and optimizers of the caller's own as fit does", async () => {
    const [a, b] = [build(), build()];
    const want = await fit(a, data({ samples: 32 }), {
      optimizer: new Signs(a, { lr: 0.02 }),
      ...{ epochs: 3, loss: new Smooth({ by: 0.2 }), metrics: { right }, validation: data({ samples: 10 }) },
    });
    const got = await trainInWorker(
      b,
      { source: "noise", args: { samples: 32 } },
      {
        optimizer: { name: "Signs", args: { lr: 0.02 } } as never,
        epochs: 3,
        loss: { name: "smooth", args: { by: 0.2 } },
        metrics: { right: { name: "right" } },
        validation: { source: "noise", args: { samples: 10 } },
        worker: inThread(served),
      },
    );
    expect(outcome(got, b)).toEqual(outcome(want, a));
  });

  it("is what a class of the caller's needs, and the error says so", async () => {
    const model = build();
    const training = trainInWorker(model, data({ samples: 8 }), { optimizer: "Adam", epochs: 1 });
    await expect(training).rejects.toThrow(
      'trainInWorker: expected a known class for each layer, got "Gain" at layer 1 (a worker of yours has to know its class: ' +
        "serveTraining({ layers: { Gain } }) of handgrad/serve).",
    );
  });

  it("must not give a class of the caller's the name of one of the package", async () => {
    class Flatter extends Layer {
      forward(x: Tensor): Tensor {
        return x;
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
      override config(): LayerConfig {
        return { type: "ReLU", args: [] };
      }
    }
    const model = new Sequential(new Flatten(), new Flatter(), new Linear(36, 3));
    const training = trainInWorker(model, data({ samples: 8 }), { optimizer: "Adam", epochs: 1 });
    await expect(training).rejects.toThrow(
      'trainInWorker: expected a class of your own to have a config() with a type of its own, got "ReLU", which is another class.',
    );
  });

  it("refuses subclasses of optimizers, and parameters that are not the model's", () => {
    class Faster extends Adam {}
    const model = build();
    const set = data({ samples: 8 });
    expect(() => trainInWorker(model, set, { optimizer: new Faster(model.parameters()), epochs: 1 })).toThrow(
      "trainInWorker: expected an optimizer of this package, got a subclass of one",
    );
    expect(() => trainInWorker(model, set, { optimizer: new Adam(build().parameters()), epochs: 1 })).toThrow(
      "trainInWorker: expected an optimizer of the model's parameters alone, got another one at index 0",
    );
  });

  it("says what it serves when it is asked for more", async () => {
    const { model } = make();
    const options = { optimizer: "Adam", epochs: 1, worker: inThread(served) } as const;
    await expect(trainInWorker(model, { source: "noises" }, options)).rejects.toThrow(
      'trainInWorker: expected a worker that serves data "noises", got one that serves noise (name it there: ' +
        "serveTraining({ data: { noises } })).",
    );
  });

  it("has to be one that serves training, of this build", async () => {
    const { Worker } = await import("node:worker_threads");
    const { model, data: set } = make();
    const cases: readonly (readonly [worker: () => unknown, got: string])[] = [
      [() => new Worker("process.exit(3)", { eval: true }), "its end with code 3"],
      [() => new Worker("throw new Error('broken')", { eval: true }), "broken"],
      [
        () => new Worker("require('worker_threads').parentPort.postMessage('hello')", { eval: true }),
        "one that is no training worker of handgrad",
      ],
      [
        () =>
          new Worker("require('worker_threads').parentPort.postMessage({ kind: 'ready', build: '0' })", { eval: true }),
        'one of another build ("0" where this is ',
      ],
      [() => 5, "5"],
    ];
    for (const [worker, got] of cases) {
      const training = trainInWorker(model, set, { optimizer: "Adam", epochs: 1, worker });
      await expect(training).rejects.toThrow(
        `trainInWorker: expected options.worker to start a worker that calls serveTraining of handgrad/serve, got ${got}`,
      );
    }
  });

  it("that dies at its work is an error, and the model keeps the weights of its last epoch", async () => {
    const { Worker } = await import("node:worker_threads");
    const { TRAINING_WORKER_TEXT } = await import("../../src/worker/worker.generated.js");
    const { model, data: set, optimizer } = make();
    let last = "";
    const { digest } = await import("../train/support.js");
    const training = trainInWorker(model, set, {
      ...{ optimizer, epochs: 100_000 },
      callbacks: [{ onEpochEnd: ({ model: trained }) => void (last = digest(trained)) }],
      worker: () => new Worker(`${TRAINING_WORKER_TEXT}\nsetTimeout(() => process.exit(7), 600);`, { eval: true }),
    });
    await expect(training).rejects.toThrow(
      "trainInWorker: expected a worker that trains to the end, got its end with code 7 (the model has the weights of the last " +
        "epoch that ended).",
    );
    expect(last).not.toBe("");
    expect(digest(model)).toBe(last);
    await fit(model, set, { optimizer, epochs: 1 });
  });

  it("is told what it cannot serve", () => {
    expect(() => serveTraining({ layer: {} } as never)).toThrow(
      'serveTraining: unknown option "layer", did you mean "layers"?',
    );
    const heard: unknown[] = [];
    serveAt({ post: (message) => heard.push(message), listen: () => undefined }, {});
    expect(heard).toMatchObject([{ kind: "ready" }]);
  });
});
