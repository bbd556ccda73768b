// watch: what is told of each layer, what is put in the place of a tensor, and that nothing else changes. Runs that leave no trace.
import { describe, expect, it } from "vitest";
import {
  Add, ArgumentError, BatchNorm2d, Concat, Conv2d, Dropout, Flatten, Graph, Layer, Linear, MaxPool2d, Parameter, ReLU, Residual, SGD,
  Sequential, ShapeError, StateBuffer, StateError, Tanh, Tensor, add, detectAnomaly, manualSeed, multiply, ones, randn, watch,
} from "../../src/index.js"; // prettier-ignore
import type { LayerBackward, LayerForward } from "../../src/index.js";
import { undisturbed } from "../../src/nn/undisturbed.js";
import { onFloat32 } from "../support/backends.js";
import { throwsExactly } from "../support/errors.js";

/** y = x^2, by save and saved, with a part of its own that is of this package. */
class Square extends Layer<Tensor> {
  readonly shift = new Linear(2, 2);
  forward(x: Tensor): Tensor {
    const z = this.shift.forward(x);
    this.save(z);
    return multiply(z, z);
  }
  backward(dy: Tensor): Tensor {
    return this.shift.backward(multiply(multiply(this.saved(), dy), 2));
  }
}

/** A model of the user's own, which calls its layers by itself. */
class Own extends Layer {
  readonly first = new Square();
  readonly second = new Tanh();
  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
  backward(dy: Tensor): Tensor {
    return this.first.backward(this.second.backward(dy));
  }
}

/** Keeps in a field what its backward needs. */
class Careless extends Layer {
  kept: Tensor | null = null;
  forward(x: Tensor): Tensor {
    this.kept = x;
    return multiply(x, x);
  }
  backward(dy: Tensor): Tensor {
    return multiply(multiply(this.kept!, dy), 2);
  }
}

function net(): Sequential {
  manualSeed(3);
  const features = new Sequential(["conv", new Conv2d(1, 2, 3)], ["relu", new ReLU()], ["pool", new MaxPool2d(2)]);
  return new Sequential(["features", features], ["flat", new Flatten()], ["head", new Linear(8, 3)]);
}

const images = (count = 2): Tensor => randn([count, 1, 6, 6], { seed: 5 });

onFloat32(({ make }) => {
  describe("watch", () => {
    it("tells of each layer in the order in which they stand, forth and back, containers behind their layers", () => {
      const model = net();
      const told: string[] = [];
      watch(
        model,
        {
          forward: ({ path, kind, x, y }) => void told.push(`${kind} ${path} ${String(x.shape)} ${String(y.shape)}`),
          backward: ({ path, dy, dx }) => void told.push(`backward ${path} ${String(dy?.shape)} ${String(dx?.shape)}`),
        },
        () => {
          const y = model.forward(images());
          model.backward(ones(y.shape), { inputGrad: false });
        },
      );
      expect(told).toEqual([
        "forward features.conv 2,1,6,6 2,2,4,4",
        "forward features.relu 2,2,4,4 2,2,4,4",
        "forward features.pool 2,2,4,4 2,2,2,2",
        "forward features 2,1,6,6 2,2,2,2",
        "forward flat 2,2,2,2 2,8",
        "forward head 2,8 2,3",
        "forward  2,1,6,6 2,3",
        "backward head 2,3 2,8",
        "backward flat 2,8 2,2,2,2",
        "backward features.pool 2,2,2,2 2,2,4,4",
        "backward features.relu 2,2,4,4 2,2,4,4",
        "backward features.conv 2,2,4,4 undefined",
        "backward features 2,2,2,2 undefined",
        "backward  2,3 undefined",
      ]);
    });

    it("gives copies with the right numbers, also of predictions, whose layers write into what they read", () => {
      const linear = new Linear(2, 2, { bias: false });
      const model = new Sequential(linear, new ReLU(), new Tanh());
      linear.weight.value = new Tensor([1, 0, 0, -1], [2, 2]);
      const x = make([1, 2], [1, 2]) as Tensor;
      const runs: LayerForward[] = [];
      watch(model, { forward: (run) => void runs.push(run) }, () => model.predict(x));
      const of = (path: string): LayerForward => runs.find((run) => run.path === path)!;
      expect([of("0").x, of("0").y, of("1").x, of("1").y].map(({ data }) => [...data])).toEqual([
        [1, 2],
        [1, -2],
        [1, -2],
        [1, 0],
      ]);
      expect(of("1").y.data.buffer.byteLength).toBe(8);
      of("0").y.data.fill(9);
      expect(model.predict(x).data[0]).toBeCloseTo(Math.tanh(1), 6);
    });

    it("puts what is returned in the place of y and of dx", () => {
      const model = new Sequential(new Tanh(), new Tanh());
      const x = make([0.3, -0.2], [1, 2]) as Tensor;
      const y = watch(model, { layers: ["0"], forward: () => make([0.5, -1], [1, 2]) as Tensor }, () =>
        model.forward(x),
      );
      expect([...y.data].map((value) => value.toFixed(5))).toEqual(
        [0.5, -1].map((value) => Math.tanh(value).toFixed(5)),
      );
      const dx = watch(model, { layers: [model.get(1)], backward: ({ dx }) => multiply(dx!, 0) }, () =>
        model.backward(ones([1, 2])),
      );
      expect([...dx.data].map(Math.abs)).toEqual([0, 0]);
      const predicted = watch(model, { layers: ["1"], forward: ({ y }) => multiply(y, 2) }, () => model.predict(x));
      expect(predicted.data[0]).toBeCloseTo(2 * Math.tanh(Math.tanh(0.3)), 5);
    });

    it("changes no number: outputs and gradients are those of a run that nobody watches", () => {
      const run = (watched: boolean): number[] => {
        const model = net();
        const step = (): Tensor => {
          const y = model.forward(images());
          return model.backward(ones(y.shape));
        };
        const seen: unknown[] = [];
        const keep = (run: unknown): void => void seen.push(run);
        const dx = watched ? watch(model, { forward: keep, backward: keep }, step) : step();
        return [...dx.data, ...model.parameters().flatMap(({ grad }) => [...grad.data])];
      };
      expect(run(true)).toEqual(run(false));
    });

    it("sees layers of the user's own and those in them, called by a container or by the program", () => {
      for (const model of [new Own(), new Sequential(["own", new Own()])]) {
        const told: string[] = [];
        const kept = Object.getOwnPropertyNames(model);
        watch(
          model,
          {
            forward: ({ path, kind }) => void told.push(`${kind} ${path}`),
            backward: ({ path, dy, dx }) => void told.push(`backward ${path} ${dy!.size} ${dx!.size}`),
          },
          () => {
            model.predict(ones([1, 2]));
            model.forward(ones([1, 2]));
            model.backward(ones([1, 2]));
          },
        );
        const own = model instanceof Own ? "" : "own";
        const at = (name: string): string => (own === "" ? name : `own.${name}`);
        const forth = [at("first.shift"), at("first"), at("second"), own, ...(own === "" ? [] : [""])];
        const back = [at("second"), at("first.shift"), at("first"), own, ...(own === "" ? [] : [""])];
        expect(told).toEqual([
          ...forth.map((path) => `predict ${path}`),
          ...forth.map((path) => `forward ${path}`),
          ...back.map((path) => `backward ${path} 2 2`),
        ]);
        expect(Object.getOwnPropertyNames(model)).toEqual(kept);
      }
    });

    it("lets a user's layer have its tensors replaced, and takes its functions back after an error", () => {
      const model = new Own();
      const x = ones([1, 2]);
      const y = watch(model, { layers: ["first"], forward: ({ y }) => multiply(y, 0) }, () => model.forward(x));
      expect([...y.data]).toEqual([0, 0]);
      const dx = watch(model, { layers: [""], backward: ({ dx }) => multiply(dx!, 0) }, () =>
        model.backward(ones([1, 2])),
      );
      expect([...dx.data].map(Math.abs)).toEqual([0, 0]);
      expect(
        () =>
        watch(model, { forward: () => { throw new RangeError("mine"); } }, () => model.forward(x)), // prettier-ignore
      ).toThrow(RangeError);
      expect(Object.getOwnPropertyNames(model)).not.toContain("forward");
      expect(watch(model, { forward: () => undefined }, () => watch(model, { layers: ["first"], forward: () => undefined }, () => model.forward(x))).shape).toEqual([1, 2]); // prettier-ignore
      expect(Object.hasOwn(model.first, "forward")).toBe(false);
    });

    it("tells once of a subclass that calls its parent's functions, and of an object with forward and backward", () => {
      class Loud extends Tanh {
        override forward(x: Tensor): Tensor {
          return super.forward(x);
        }
      }
      const object = { forward: (x: Tensor) => multiply(x, 2), backward: (dy: Tensor) => multiply(dy, 2) };
      const model = new Sequential(new Loud(), object);
      const told: string[] = [];
      const watching = {
        forward: ({ path, kind }: LayerForward) => void told.push(`${kind} ${path}`),
        backward: ({ path }: LayerBackward) => void told.push(`backward ${path}`),
      };
      watch(model, { ...watching, layers: ["0", object] }, () => {
        model.predict(ones([1, 2]));
        model.forward(ones([1, 2]));
        model.backward(ones([1, 2]));
      });
      expect(told).toEqual(["predict 0", "predict 1", "forward 0", "forward 1", "backward 1", "backward 0"]);
      expect(watch(model, watching, () => model.get(0).backward)).not.toBe(model.get(0).backward); // taken away again
    });

    it("gives all inputs of a join and all outputs of a graph", () => {
      const inner = new Graph(
        [
          ["a", new Tanh(), "x"],
          ["b", new Tanh(), "x"],
        ],
        { outputs: ["a", "b"] },
      );
      const model = new Graph([
        ["inner", inner],
        ["both", new Concat(), "inner.a", "inner.b"],
        ["sum", new Add(), "both", "both"],
      ]);
      const runs = new Map<string, LayerForward>();
      const backs = new Map<string, LayerBackward>();
      watch(
        model,
        { forward: (run) => void runs.set(run.path, run), backward: (run) => void backs.set(run.path, run) },
        () => {
          model.backward(ones(model.forward(ones([2, 3])).shape));
        },
      );
      expect(runs.get("inner")!.ys.map(({ shape }) => shape)).toEqual([
        [2, 3],
        [2, 3],
      ]);
      expect(runs.get("both")!.xs.map(({ shape }) => shape)).toEqual([
        [2, 3],
        [2, 3],
      ]);
      expect(runs.get("both")!.y.shape).toEqual([2, 6]);
      expect(backs.get("inner")!.dys).toHaveLength(2);
      throwsExactly(
        () => watch(model, { layers: ["inner"], forward: ({ y }) => y }, () => model.forward(ones([2, 3]))),
        ArgumentError,
        "inner watch: expected nothing to be returned for y of inner Graph, which has 2, got a tensor [2, 3].",
      );
    });

    it("goes together with detectAnomaly and with another watch", async () => {
      const model = net();
      const seen: string[] = [];
      const result = await detectAnomaly(model, () =>
        watch(model, { layers: ["head"], forward: ({ path }) => void seen.push(path) }, async () => {
          await Promise.resolve();
          return watch(model, { layers: ["flat"], forward: ({ path }) => void seen.push(path) }, () =>
            model.predict(images()),
          );
        }),
      );
      expect(result.shape).toEqual([2, 3]);
      expect(seen).toEqual(["flat", "head"]);
      expect(() =>
        detectAnomaly(model, () =>
          watch(model, { layers: ["flat"], forward: ({ y }) => multiply(y, NaN) }, () => model.forward(images())),
        ),
      ).toThrow("expected finite");
      model.forward(images());
      expect(seen).toEqual(["flat", "head"]);
    });
  });

  describe("a run without a trace", () => {
    it("leaves modes, gradients, buffers, generators and a waiting backward as they were", () => {
      class Counter extends Layer {
        readonly count = new StateBuffer(new Tensor([0]));
        forward(x: Tensor): Tensor {
          this.count.value.data[0]++;
          return add(x, 0);
        }
        backward(dy: Tensor): Tensor {
          return add(dy, 0);
        }
      }
      const build = (): Sequential => {
        manualSeed(7);
        const body = new Sequential(new Conv2d(2, 2, 3, { padding: 1 }), new BatchNorm2d(2), new ReLU());
        return new Sequential(new Conv2d(1, 2, 3), new Residual(body), new Dropout(0.4), new Counter(), new Careless(), new Flatten(), new Linear(32, 3)); // prettier-ignore
      };
      const look = (model: Sequential): void => {
        for (const training of [true, false]) {
          for (const gradients of [true, false]) {
            undisturbed(model, { training, gradients }, () => {
              expect(model.training).toBe(training);
              const y = model.forward(multiply(images(3), 7));
              model.backward(ones(y.shape));
              expect(model.parameters().every(({ hasGrad }) => hasGrad)).toBe(gradients);
              model.forward(images(1));
            });
          }
        }
      };
      const run = (looks: boolean): unknown => {
        const model = build();
        model.get(1).eval();
        const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
        const all: unknown[] = [];
        for (let step = 0; step < 3; step++) {
          if (looks) look(model);
          const y = model.forward(images());
          if (looks) look(model);
          all.push([...model.backward(ones(y.shape)).data]);
          if (looks) look(model);
          optimizer.step();
          all.push([...model.layers()].map((layer) => layer.training));
          all.push(Object.values(model.stateDict()).map(({ data }) => [...data]));
          all.push(model.parameters().map(({ grad, requiresGrad }) => [requiresGrad, ...grad.data]));
          optimizer.zeroGrad();
        }
        return all;
      };
      expect(run(true)).toEqual(run(false));
    });

    it("keeps frozen parameters frozen and a missing gradient missing, also after an error", () => {
      const model = new Sequential(new Linear(2, 2), new Linear(2, 2));
      model.get(0).freeze();
      expect(() =>
        undisturbed(model, { training: false, gradients: false }, () => model.forward(ones([1, 3]))),
      ).toThrow(ShapeError);
      expect(model.parameters().map(({ requiresGrad }) => requiresGrad)).toEqual([false, false, true, true]);
      expect(model.parameters().some(({ hasGrad }) => hasGrad)).toBe(false);
      expect(() => model.backward(ones([1, 2]))).toThrow(StateError);
    });

    it("counts a shared parameter once", () => {
      const shared = new Parameter(ones([2, 2]));
      const [a, b] = [new Linear(2, 2), new Linear(2, 2)];
      Object.assign(a, { weight: shared });
      Object.assign(b, { weight: shared });
      const model = new Sequential(a, b);
      undisturbed(model, { training: false, gradients: false }, () => undefined);
      expect(shared.requiresGrad).toBe(true);
    });
  });
});

describe("watch refuses", () => {
  const model = net();
  const forward = (): void => undefined;
  const work = (): void => undefined;
  it.each(
    (
      [
        [[null, { forward }, work], ArgumentError, "watch: expected a model, got null."],
        [
          [model, null, work],
          ArgumentError,
          "watch: expected what to call, as { forward: ({ path, y }) => ... }, got null.",
        ],
        [
          [model, { forwards: forward }, work],
          ArgumentError,
          'watch: unknown option "forwards", did you mean "forward"? (options: layers, forward, backward).',
        ],
        [[model, {}, work], ArgumentError, "watch: expected forward or backward to be called, got neither."],
        [[model, { forward: 3 }, work], ArgumentError, "watch: expected forward to be a function, got 3."],
        [
          [model, { forward }, undefined],
          ArgumentError,
          "watch: expected a function that runs the model, got undefined.",
        ],
        [
          [model, { forward, layers: "flat" }, work],
          ArgumentError,
          'watch: expected layers as a list, such as ["features.3"], got "flat".',
        ],
        [
          [model, { forward, layers: ["features.con"] }, work],
          ArgumentError,
          'watch: expected layers[0] to be the path of a layer of the model (features, features.conv, features.relu, features.pool, flat, head), got "features.con", did you mean "features.conv"?',
        ],
        [
          [model, { forward, layers: [new ReLU()] }, work],
          ArgumentError,
          "watch: expected layers[0] to be a layer of the model, got another ReLU.",
        ],
        [
          [model, { forward, layers: [2] }, work],
          ArgumentError,
          'watch: expected layers[0] to be the path of a layer, such as "features.3", or the layer itself, got 2.',
        ],
        [
          [model, { layers: ["flat"], forward: () => 3 }, () => model.predict(images())],
          ArgumentError,
          "flat watch: expected what is returned for y of flat Flatten to be a Tensor, got 3 (wrap it: new Tensor(data, shape)).",
        ],
        [
          [model, { layers: ["flat"], forward: () => ones([3]) }, () => model.predict(images())],
          ShapeError,
          "flat watch: expected a float32 tensor [2, 8] in the place of y of flat Flatten, got float32 [3].",
        ],
      ] as const
    ).map((row) => [row[2], ...row] as const),
  )("%s", (_, args, type, message) => {
    // prettier-ignore
    throwsExactly(() => (watch as (...args: readonly unknown[]) => unknown)(...args), type, message);
  });
});
