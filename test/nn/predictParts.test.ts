// Predictions of many samples are cut into parts, where a row does not depend on its neighbors.
import { describe, expect, it } from "vitest";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  Layer,
  Linear,
  ReLU,
  Sequential,
  Tensor,
  manualSeed,
  randn,
} from "../../src/index.js";

const SAMPLES = 150; // 8 planes of 64 x 64 from each of three layers: 59 MB together

/** Notes how many samples it is given at once. */
class Counts extends Layer {
  readonly rows: number[] = [];

  forward(x: Tensor): Tensor {
    this.rows.push(x.shape[0]);
    return x;
  }

  backward(dy: Tensor): Tensor {
    return dy;
  }

  override outputShape(shape: readonly number[]): readonly number[] {
    return shape;
  }
}

describe("A prediction of many samples", () => {
  it("runs in parts of some 32 MB of outputs, and gives what the parts give", () => {
    manualSeed(1);
    const counts = new Counts();
    const model = new Sequential(
      new Conv2d(1, 8, 3, { padding: 1 }),
      new ReLU(),
      counts,
      new Flatten(),
      new Linear(8 * 4096, 2),
    );
    const x = randn([SAMPLES, 1, 64, 64], { seed: 2 });
    const y = model.predict(x);
    const seen = counts.rows.splice(0);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.reduce((sum, rows) => sum + rows)).toBe(SAMPLES);
    expect(Math.max(...seen) * 4 * 4 * 8 * 4096).toBeLessThanOrEqual(36 * 2 ** 20);
    expect(model.predict(x.slice([0, 32])).data).toEqual(y.data.slice(0, 64));
    model.predict(x.slice([0, 32]));
    expect(counts.rows).toEqual([32, 32]); // a small one at once
  });

  it("is not cut where a layer reads the whole batch", () => {
    manualSeed(1);
    const counts = new Counts();
    const norm = new BatchNorm2d(8, { trackRunningStats: false });
    const model = new Sequential(new Conv2d(1, 8, 3, { padding: 1 }), norm, counts, new ReLU()).eval();
    const x = randn([SAMPLES, 1, 64, 64], { seed: 2 });
    const y = model.predict(x);
    expect(counts.rows).toEqual([SAMPLES]);
    const whole = model.forward(x).data;
    expect(y.data.every((value, i) => Object.is(value, whole[i]))).toBe(true);
  });
});
