// What we export, run by ONNX Runtime's native form: drawn models, the lessons' networks, those of the examples with the large
// ones. Keeps the files for ONNX's checker. Run by scripts/onnx-native.sh; last line: N passed, N failed.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Layer } from "../../src/nn/layer.js";
import { exportOnnx } from "../../src/entries/onnx.js";
import { manualSeed } from "../../src/numbers/random.js";
import type { Shape } from "../../src/base/shape.js";
import { EXAMPLE_NETWORKS } from "../support/exampleNetworks.js";
import { LESSON_NETWORKS, drawModel, randomOf } from "../support/onnxModels.js";
import { compare, type Runtime } from "../support/onnxRuntime.js";

const { values } = parseArgs({
  options: {
    runtime: { type: "string" },
    files: { type: "string" },
    models: { type: "string", default: "2000" },
    /** Only the example's network of this name. */
    only: { type: "string" },
  },
});
const files = resolve(values.files ?? "out/onnx");
mkdirSync(files, { recursive: true });
const runtime = createRequire(join(resolve(values.runtime ?? "."), "package.json"))("onnxruntime-node") as Runtime;
let passed = 0;
let failed = 0;

async function check(name: string, model: Layer, shape: Shape, bytes: Uint8Array, batches: number[], plain = false) {
  writeFileSync(join(files, `${name.replace(/ /g, "-")}.onnx`), bytes);
  try {
    await compare(runtime, model, bytes, shape, batches, plain);
    passed++;
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${String(error)}\n     ${model.describe()} for [${shape.join(", ")}]`);
  }
}

const count = values.only === undefined ? Number(values.models) : 0;
for (let seed = 0; seed < count; seed++) {
  manualSeed(seed);
  const { model, inputShape } = drawModel(randomOf(seed));
  await check(`drawn ${seed}`, model, inputShape, exportOnnx(model, inputShape), [1, 3, 32], seed % 2 === 0);
}
if (count > 0) console.log(`${passed} of ${count} drawn models agree`);
for (const [name, make] of values.only === undefined ? Object.entries(LESSON_NETWORKS) : []) {
  const { model, inputShape } = make();
  await check(name, model, inputShape, exportOnnx(model, inputShape), [1, 3, 32]);
  console.log(name);
}
for (const [name, make] of Object.entries(EXAMPLE_NETWORKS)) {
  if (values.only === undefined ? /AlexNet|VGG/.test(name) : !name.endsWith(values.only)) continue;
  const { model, inputShape, bytes } = make();
  const file = bytes();
  const batches = file.length > 1e8 ? [1, 3] : [1, 3, 32];
  await check(`example ${name}`, model as never, inputShape, file, batches);
  console.log(`example ${name}: ${file.length} bytes, batches of ${batches.join(", ")}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
