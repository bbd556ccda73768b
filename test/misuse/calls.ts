// The harness of the tables of misuse: a call by its name and arguments, with the class and the whole text of its refusal. Nothing
// may be thrown but an error of ours, and nothing may come back.
import { expect, it } from "vitest";
import * as core from "../../src/index.js";
import * as data from "../../src/entries/data.js";
import * as io from "../../src/entries/io.js";
import * as ndarray from "../../src/entries/ndarray.js";
import * as npz from "../../src/entries/npz.js";
import * as reference from "../../src/entries/reference.js";
import * as threads from "../../src/entries/threads.js";
import * as viz from "../../src/entries/viz.js";
import { show } from "../../src/base/check.js";

const { Conv2d, CrossEntropy, Flatten, Generator, Linear, Parameter, SGD, Sequential, ones } = core;

type Call = (...args: readonly unknown[]) => unknown;
type ErrorClass = new (...args: never[]) => Error;

/** One call: what it is given, the class of the error, and the text behind "who: ". */
export type Row = readonly [args: readonly unknown[], type: ErrorClass, message: string];

/** A store that holds nothing. */
export const STORE = { list: () => [], read: () => null, write: () => undefined, remove: () => undefined };

const API = { ...core, ...data, ...io, ...ndarray, ...npz, ...reference, ...threads, ...viz } as unknown as Record<
  string,
  Call
>;

// The objects whose methods are called.
const SUBJECTS: Readonly<Record<string, () => unknown>> = {
  Tensor: () => core.Tensor,
  tensor: () => ones([2, 2]),
  parameter: () => new Parameter(ones([2])),
  generator: () => new Generator("draw", { seed: 1 }),
  model: () => new Sequential(new Linear(2, 2)),
  convolution: () => new Conv2d(1, 2, 3),
  dense: () => new Linear(3, 2),
  loss: () => new CrossEntropy(),
  losses: () => {
    const losses = new CrossEntropy({ reduction: "none" });
    losses.forward(ones([2, 2]), [0, 1]);
    return losses;
  },
  optimizer: () => new SGD([new Parameter(ones([1]))], { lr: 1 }),
  batches: () => data.batches(ones([2, 1]), [0, 1], { size: 1 }),
  loaded: () => {
    const model = new Sequential(new Flatten(), new Linear(3, 2));
    return io.loadModel(io.saveModel(model, { input: { shape: [3, 1, 1] } }));
  },
  place: () => io.openCheckpoints(STORE),
};

/** "zeros", "new Tensor", "tensor.take", "generator.state =" with these arguments; an initializer is used, too. */
async function call(name: string, args: readonly unknown[]): Promise<unknown> {
  if (name.startsWith("new ")) return Reflect.construct(API[name.slice(4)], args) as unknown;
  const [subject, member] = name.split(".");
  if (member === undefined) {
    const result = await API[name](...args);
    return /Init$|glorot|kaiming|torchDefault/.test(name) ? new Parameter([2, 2], result as never).value : result;
  }
  const object = (await SUBJECTS[subject]()) as Record<string, unknown>;
  if (!member.endsWith(" =")) return (object[member] as Call).apply(object, [...args]);
  object[member.slice(0, -2)] = args[0];
  return undefined;
}

/** Each of these calls is refused so. */
export function refuses(name: string, who: string, rows: readonly Row[]): void {
  it.each(rows.map(([args, type, message]) => [args.map(show).join(", "), args, type, message] as const))(
    `${name} refuses (%s)`,
    async (_, args, type, message) => {
      let thrown: unknown;
      let result: unknown = "nothing";
      try {
        result = await call(name, args);
      } catch (error) {
        thrown = error;
      }
      expect(thrown, `expected an error, got ${String(result)}`).toBeInstanceOf(core.HandgradError);
      expect((thrown as Error).message).toBe(`${who}${message}`);
      expect((thrown as Error).constructor).toBe(type);
    },
  );
}
