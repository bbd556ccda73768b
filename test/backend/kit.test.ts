// The second module of kernels: it comes when one of its kernels is first called, to the threads, too.
import { afterAll, describe, expect, it } from "vitest";
import { wasm } from "../../src/backend/wasm/backend.js";
import { CONTROL, instance } from "../../src/backend/wasm/runtime/instance.js";
import { setThreads } from "../../src/backend/wasm/runtime/threads.js";
import { BatchNorm1d, Linear, Tensor } from "../../src/index.js";
import { wasmKit } from "../support/kernels.js";

const [JOB, CHUNKS, DONE] = [0, 4, 5]; // places in the control block, see assembly/jobs.ts

/** Publishes the last job again and waits while others do it, if they do. */
async function doneByOthers(): Promise<boolean> {
  const { buffer } = instance().memory;
  const control = new Int32Array(buffer, CONTROL, 16);
  const job = Atomics.load(control, JOB) + 1;
  Atomics.store(control, DONE, 0);
  Atomics.store(new BigInt64Array(buffer, CONTROL, 2), 1, (BigInt(job) << 32n) | BigInt(control[CHUNKS]));
  Atomics.store(control, JOB, job);
  Atomics.notify(control, JOB);
  for (let look = 0; look < 500 && Atomics.load(control, DONE) < control[CHUNKS]; look++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Atomics.load(control, DONE) === control[CHUNKS];
}

afterAll(() => setThreads(1));

describe("The kit's module", () => {
  it("is not there before one of its kernels is called, and then comes to the threads at work", async () => {
    expect(await setThreads(2)).toBe(2);
    const x = new Tensor(new Float32Array(1 << 16).fill(1), [1 << 10, 64]);
    new Linear(64, 64).forward(x);
    expect(instance().modules).toHaveLength(1);
    expect(await doneByOthers()).toBe(true);

    new BatchNorm1d(64).forward(x); // its last job is a transposition, of the first module
    expect(instance().modules).toHaveLength(2);
    expect(await doneByOthers()).toBe(true);

    const [y, dw] = [new Float32Array(1 << 16), new Float32Array(1 << 16).fill(1)];
    wasmKit.lion({ lr: 0.5, beta1: 0, beta2: 0, weightDecay: 0 }, dw, y, new Float32Array(1 << 16));
    expect(y.every((value) => value === -0.5)).toBe(true);
    expect(await doneByOthers()).toBe(true);
  });

  it("comes to threads that start after it", async () => {
    await setThreads(1);
    expect(await setThreads(3)).toBe(3);
    const [y, dw] = [new Float32Array(1 << 16), new Float32Array(1 << 16).fill(1)];
    wasmKit.lion({ lr: 0.5, beta1: 0, beta2: 0, weightDecay: 0 }, dw, y, new Float32Array(1 << 16));
    expect(await doneByOthers()).toBe(true);
    expect(instance().modules).toHaveLength(2);
  });

  it("leaves the backend's object without its kernels, so that bundles can leave them out", () => {
    expect(Object.keys(wasm.kernels).filter((name) => name in wasmKit)).toEqual([]);
  });
});
