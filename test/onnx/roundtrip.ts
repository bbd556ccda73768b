// The networks of test/fixtures/make_onnx.py --full FOLDER: imported, compared with PyTorch's outputs, exported again, imported again.
// Run by scripts/onnx-roundtrip.sh; last line: N passed, N failed.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exportOnnx, importOnnx } from "../../src/entries/onnx.js";
import { sizeOf } from "../../src/base/shape.js";
import { Tensor } from "../../src/base/tensor.js";
import { EPS32, expectClose } from "../support/close.js";
import { largest } from "../support/onnxRuntime.js";

interface Stored {
  readonly shape: readonly number[];
  readonly offset: number;
}

const folder = resolve(process.argv[2]);
const { cases, made_by: madeBy } = JSON.parse(readFileSync(join(folder, "models.json"), "utf8")) as {
  cases: { name: string; options: { file: string; names: string[] }; tensors: { x: Stored; y: Stored } }[];
  made_by: string;
};
const numbers = new Uint8Array(readFileSync(join(folder, "models.bin"))).buffer;
let passed = 0;
let failed = 0;
for (const { name, options, tensors } of cases) {
  try {
    const file = importOnnx(readFileSync(join(folder, options.file)));
    const x = new Tensor(new Float32Array(numbers, 4 * tensors.x.offset, sizeOf(tensors.x.shape)), tensors.x.shape);
    const y = new Float64Array(numbers.slice(4 * tensors.y.offset), 0, sizeOf(tensors.y.shape));
    const got = file.model.predict(x).data;
    expectClose(got, y, 32 * EPS32 * largest(y), { name });
    if (String(Object.keys(file.model.stateDict())) !== String(options.names)) throw new Error("other names");
    const again = importOnnx(exportOnnx(file.model, file.inputShape)).model;
    expectClose(again.predict(x).data, got, 0, { name: `${name}, exported again` });
    const error = got.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0);
    const count = again.parameters().reduce((sum, { size }) => sum + size, 0);
    console.log(
      `ok   ${name}: ${count} parameters, largest difference ${error.toExponential(1)} of ${largest(y).toFixed(3)}`,
    );
    passed++;
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${String(error)}`);
  }
}
console.log(`${passed} passed, ${failed} failed (${madeBy})`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
