// The small app of bundlers.mjs: trains with one thread, then with two, and tells what came of it.
import { backendInfo, Conv2d, CrossEntropy, Flatten, Linear, manualSeed, randn, ReLU, Sequential, SGD } from "handgrad";
import { setThreads } from "handgrad/threads";

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

export async function answer() {
  const one = train();
  const started = performance.now();
  const threads = await setThreads(2);
  const ms = Math.round(performance.now() - started);
  const same = train() === one;
  const info = backendInfo();
  return { threads, same, ms, core: info.threads, reason: info.reason };
}
