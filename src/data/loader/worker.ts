// What a worker of a DataLoader runs: it opens the data set, then makes the batches that it is asked for. The build makes it a
// text (worker.generated.ts); nothing imports this file.
import { Tensor } from "../../base/tensor.js";
import { Pipeline } from "../augment/transform.js";
import { revive } from "../augment/revive.js";
import { TensorDataset } from "../sets/tensorDataset.js";
import { Subset } from "../sets/subset.js";
import type { Dataset } from "../sets/dataset.js";
import { loadBatch } from "./load.js";
import type { Answer, Order, Setup } from "./messages.js";
import { importDataset } from "./moduleDataset.js";

interface Line {
  post(answer: Answer, transfer: ArrayBuffer[]): void;
  listen(heard: (message: unknown) => void): void;
}

const line = openLine();
let dataset: Dataset<unknown> | undefined;
let pipeline: Pipeline | undefined;
let labels = false; // whether the data set's own targets are wanted
let work: Promise<void> = Promise.resolve(); // one after the other, in the order in which they came

line.listen((message) => {
  work = work.then(() => (dataset === undefined ? start(message as Setup) : answer(message as Order)));
});

async function start({ source, indices, transforms }: Setup): Promise<void> {
  try {
    const whole = source.kind === "module" ? await importDataset<unknown>(source.address) : ofNumbers(source);
    labels = source.kind === "module";
    dataset = indices === null ? whole : new Subset(whole, indices);
    pipeline = new Pipeline("DataLoader", transforms.map(revive));
    line.post({ ready: true }, []);
  } catch (error) {
    line.post({ failed: error instanceof Error ? error.message : String(error) }, []);
  }
}

async function answer({ id, rows, key }: Order): Promise<void> {
  try {
    const [x, y] = await loadBatch(dataset as Dataset<unknown>, pipeline as Pipeline, { rows, key });
    const [data, shape] = own(x);
    if (!labels) return line.post({ id, x: data, shape, y: null }, [data.buffer as ArrayBuffer]);
    if (!Tensor.isTensor(y)) return line.post({ id, x: data, shape, y: y as Int32Array }, [data.buffer as ArrayBuffer]);
    const [targets, targetShape] = own(y);
    line.post({ id, x: data, shape, y: { data: targets, shape: targetShape } }, [
      data.buffer as ArrayBuffer,
      targets.buffer as ArrayBuffer,
    ]);
  } catch (cause) {
    const { name, message } = cause instanceof Error ? cause : { name: "Error", message: String(cause) };
    line.post({ id, error: { name, message } }, []);
  }
}

// Numbers with a buffer of their own, which can be handed over.
function own({ data, shape }: Tensor): [data: Float32Array, shape: readonly number[]] {
  const alone = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
  return [alone ? data : data.slice(), shape];
}

function ofNumbers({ data, shape }: Extract<Setup["source"], { kind: "numbers" }>): Dataset<unknown> {
  const none = new Uint8Array(shape[0]);
  const isBytes = data instanceof Uint8Array;
  const set = isBytes
    ? new TensorDataset({ data, shape }, none)
    : new TensorDataset(Tensor.adopt(data, shape) as Tensor, none);
  return set as unknown as Dataset<unknown>;
}

function openLine(): Line {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
  if (node) {
    return {
      post: (answer, transfer) => node.postMessage(answer, transfer),
      listen: (heard) => void node.on("message", heard),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    onmessage: ((event: MessageEvent) => void) | null;
  };
  return {
    post: (answer, transfer) => scope.postMessage(answer, transfer),
    listen(heard) {
      scope.onmessage = (event) => heard(event.data);
    },
  };
}
