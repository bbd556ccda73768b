// A training worker with a layer, data and a metric of its own, for worker.mjs.
import { Layer, Parameter, Tensor, multiply, rand, sum } from "handgrad";
import { batches } from "handgrad/data";
import { serveTraining } from "handgrad/serve";

// y = x * gain, one number.
export class Gain extends Layer {
  gain = new Parameter(new Tensor([1.5]));

  forward(x) {
    this.save(x);
    return multiply(x, this.gain.value);
  }

  backward(dy) {
    const x = this.saved();
    this.gain.accumulate(sum(multiply(dy, x)).reshape([1]));
    return multiply(dy, this.gain.value);
  }

  config() {
    return { type: "Gain", args: [] };
  }
}

export const noise = ({ samples }) =>
  batches(rand([samples, 16], { seed: 3 }), new Int32Array(samples).fill(1), { size: 8, shuffle: true, seed: 1 });
export const count = (outputs) => outputs.shape[0];

const { isMainThread } = process.getBuiltinModule("node:worker_threads");
if (!isMainThread) serveTraining({ layers: { Gain }, data: { noise }, metrics: { count: () => count } });
