// The small app of bundlers.mjs: trains with one thread, then with two, then in a worker, and tells what came of it.
import { backendInfo, Conv2d, CrossEntropy, Flatten, Linear, manualSeed, randn, ReLU, Sequential, SGD } from "handgrad";
import { batches } from "handgrad/data";
import { setThreads } from "handgrad/threads";
import { fit } from "handgrad/train";
import { trainInWorker } from "handgrad/worker";

function train() {
  manualSeed(1);
  const model = new Sequential(new Conv2d(1, 8, 3), new ReLU(), new Flatten(), new Linear(8 * 14 * 14, 3));
  const loss = new CrossEntropy();
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const x = randn([12, 1, 16, 16]);
  const values = [];
  for (let step = 0; step < 4; step++) {
    values.push(loss.forward(model.forward(x), [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]));
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
  return JSON.stringify([values, model.parameters().map(({ value }) => Array.from(value.data))]);
}

// The same run by fit and in a worker: "same" if the bits are, else what went wrong.
async function inWorker() {
  const runs = [fit, trainInWorker].map(async (train) => {
    manualSeed(2);
    const model = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Flatten(), new Linear(4 * 6 * 6, 3));
    const data = batches(randn([12, 1, 8, 8]), [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], { size: 4, shuffle: true });
    const { history } = await train(model, data, { optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 2 });
    return JSON.stringify([history.batches, model.parameters().map(({ value }) => Array.from(value.data))]);
  });
  const results = await Promise.allSettled(runs);
  const [here, there] = results.map(({ value, reason }) => value ?? `${reason.name}: ${reason.message}`);
  return here === there ? "same" : there;
}

export async function answer() {
  const one = train();
  const started = performance.now();
  const threads = await setThreads(2);
  const ms = Math.round(performance.now() - started);
  const same = train() === one;
  const info = backendInfo();
  return { threads, same, ms, core: info.threads, reason: info.reason, worker: await inWorker() };
}
