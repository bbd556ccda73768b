// Packs the package, lays it into an empty project as npm would, and uses it there: in CommonJS and in ESM, from
// TypeScript (today's and the oldest that the README names), and where code generation from strings is forbidden.
// `npm run test:package` after a build; the last line is "N passed, N failed".
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { linkPackage, makeProject, root, run as runIn } from "./project.mjs";

const { project, pack, manifest } = makeProject();
let passed = 0;
let failed = 0;

function check(title, work) {
  try {
    work();
    passed++;
    console.log(`ok   ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${title}\n${String(error.stdout ?? "")}${String(error.stderr ?? error.stack)}`);
  }
}

function run(command, args, cwd = project) {
  return runIn(command, args, cwd);
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

function node(name, source, ...flags) {
  writeFileSync(join(project, name), source);
  return run(process.execPath, [...flags, name]);
}

check("the tarball holds code, sources, licence and docs entry points, and no tests", () => {
  const names = pack.files.map((file) => file.path);
  for (const wanted of [
    "dist/index.js",
    "dist/index.cjs",
    "dist/index.d.ts",
    "dist/index.d.cts",
    "src/nn/conv/conv2d.ts",
  ]) {
    expect(names.includes(wanted), `missing ${wanted}`);
  }
  for (const wanted of ["README.md", "LICENSE", "CHANGELOG.md"]) expect(names.includes(wanted), `missing ${wanted}`);
  expect(!names.some((name) => /^(test|examples|docs|scripts)\//.test(name)), "it holds more than it should");
});

check("there is no install script and importing has no side effects to keep", () => {
  for (const hook of ["preinstall", "install", "postinstall", "prepare"]) expect(!manifest.scripts[hook], hook);
  expect(manifest.sideEffects === false, "sideEffects");
});

const share = `
const tensor = data.imagesFromIdx({ shape: [1, 2, 2], data: Uint8Array.of(0, 51, 102, 255) });
if (!(tensor instanceof core.Tensor)) throw new Error("two Tensor classes");
if (!(ndarray.fromNdarray({ data: Float32Array.of(1), shape: [1], stride: [1], offset: 0 }) instanceof core.Tensor)) {
  throw new Error("two Tensor classes in handgrad/ndarray");
}
const model = new core.Sequential(new core.Linear(2, 1));
const run = { model, optimizer: new core.Adam(model.parameters()), batches: data.batches(tensor, [0], { size: 1 }) };
io.restoreCheckpoint(run, io.decodeCheckpoint(io.encodeCheckpoint(run)));
const training = train.fit(model, data.batches(core.ones([2, 2]), [0, 0], { size: 1 }), { optimizer: run.optimizer, epochs: 1 });
if (!(training instanceof Promise) || training.epochs !== 1) throw new Error("no training");
if (typeof worker.trainInWorker !== "function") throw new Error("no training in a worker");
if (core.backendInfo().name !== "wasm") throw new Error("wasm is not the default");
core.setBackend(reference.reference);
if (core.backendInfo().name !== "reference") throw new Error("two backend states");
try { core.zeros([-1]); } catch (error) { if (!(error instanceof core.ShapeError)) throw error; }
console.log("shared");
`;
check("in CommonJS all entries share one Tensor class and one backend", () => {
  const load = [
    "core:handgrad",
    "data:handgrad/data",
    "reference:handgrad/reference",
    "ndarray:handgrad/ndarray",
    "io:handgrad/io",
    "train:handgrad/train",
    "worker:handgrad/worker",
  ]
    .map((pair) => pair.split(":"))
    .map(([name, path]) => `const ${name} = require("${path}");`);
  expect(node("share.cjs", load.join("\n") + share).includes("shared"), "no answer");
});
check("in ESM all entries share one Tensor class and one backend", () => {
  const load = [
    "core:handgrad",
    "data:handgrad/data",
    "reference:handgrad/reference",
    "ndarray:handgrad/ndarray",
    "io:handgrad/io",
    "train:handgrad/train",
    "worker:handgrad/worker",
  ]
    .map((pair) => pair.split(":"))
    .map(([name, path]) => `import * as ${name} from "${path}";`);
  expect(node("share.mjs", load.join("\n") + share).includes("shared"), "no answer");
});

const copies = `
import { createRequire } from "node:module";
import * as core from "handgrad";
import * as data from "handgrad/data";
import * as io from "handgrad/io";
const require = createRequire(import.meta.url);
const other = require("handgrad");
const model = new core.Sequential(new core.Linear(1, 1));
const theirs = new other.Sequential(new other.Linear(1, 1));
const batches = require("handgrad/data").batches(other.ones([2, 1]), [0, 1], { size: 1 });
const calls = [
  () => new core.Sequential(new other.ReLU()),
  () => io.encodeCheckpoint({ model: theirs }),
  () => io.encodeCheckpoint({ model, optimizer: new other.Adam(theirs.parameters()) }),
  () => io.encodeCheckpoint({ model, batches }),
  () => io.encodeCheckpoint({ model, generators: { noise: new other.Generator("draw") } }),
];
for (const call of calls) {
  let message = "nothing was thrown";
  try { call(); } catch (error) { message = error.message; }
  if (!message.includes("it is of another copy of handgrad")) throw new Error(call + ": " + message);
}
for (const all of [core, data, io, other]) {
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === "function" && value.name !== name) throw new Error(name + " is called " + value.name);
  }
}
console.log("told apart");
`;
check("objects of the CommonJS files are told apart in ESM, and everything bears its own name", () => {
  expect(node("copies.mjs", copies).includes("told apart"), "no answer");
});

const trainStep = `
let forbidden = false;
try { new Function("return 1")(); } catch { forbidden = true; }
if (!forbidden) throw new Error("new Function works here, so this shows nothing");
const { Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Dropout, Linear, CrossEntropy, Adam, manualSeed, randn } = HANDGRAD;
manualSeed(1);
const model = new Sequential(
  new Conv2d(1, 4, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Dropout(0.3), new Linear(4 * 3 * 3, 3),
);
const loss = new CrossEntropy();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const x = randn([6, 1, 8, 8]);
const losses = [];
for (let i = 0; i < 30; i++) {
  losses.push(loss.forward(model.forward(x), [0, 1, 2, 0, 1, 2]));
  optimizer.zeroGrad();
  model.backward(loss.backward(), { inputGrad: false });
  optimizer.step();
}
if (!(losses[29] < losses[0] * 0.8)) throw new Error("no progress: " + losses);
console.log("trained");
`;
for (const [form, file, load] of [
  ["CommonJS", "csp.cjs", `const HANDGRAD = require("handgrad");`],
  ["ESM", "csp.mjs", `import * as HANDGRAD from "handgrad";`],
]) {
  check(`the core trains in ${form} where code generation from strings is forbidden`, () => {
    const output = node(file, load + trainStep, "--disallow-code-generation-from-strings");
    expect(output.includes("trained"), output);
  });
}

const archive = `
const { Tensor } = core;
const { tensors } = npz.decodeNpz(npz.encodeNpz({ a: new Tensor([1, 2]) }, { compress: true }));
if (!(tensors.a instanceof Tensor) || tensors.a.at(1) !== 2) throw new Error("not what was written");
if (io.decodeSafetensors(io.encodeSafetensors(tensors)).tensors.a.at(0) !== 1) throw new Error("not what was written");
console.log("read");
`;
for (const [form, file, load] of [
  ["CommonJS", "npz.cjs", (name, path) => `const ${name} = require("${path}");`],
  ["ESM", "npz.mjs", (name, path) => `import * as ${name} from "${path}";`],
]) {
  const loads = [load("core", "handgrad"), load("io", "handgrad/io")].join("\n");
  check(`in ${form} handgrad/npz asks for fflate, and nothing else does`, () => {
    expect(node(`io-${file}`, `${loads}\nconsole.log("loaded");`).includes("loaded"), "no answer");
    let message = "";
    try {
      node(file, load("npz", "handgrad/npz"));
    } catch (error) {
      message = String(error.stderr);
    }
    const says = message.includes("'fflate'") && message.includes("npm-install-fflate");
    expect(says, `expected an error that says to install fflate, got ${message}`);
  });
  check(`in ${form} handgrad/npz works beside fflate`, () => {
    linkPackage(project, "fflate");
    try {
      expect(node(file, `${loads}\n${load("npz", "handgrad/npz")}\n${archive}`).includes("read"), "no answer");
    } finally {
      rmSync(join(project, "node_modules", "fflate"));
    }
  });
}

const throughOnnx = `
const { model } = onnx.importOnnx(onnx.exportOnnx(new core.Sequential(new core.ReLU()), [2]));
if (!(model instanceof core.Sequential) || !(model.get(0) instanceof core.ReLU)) throw new Error("two classes of layers");
try { onnx.importOnnx(new Uint8Array(3)); } catch (error) { if (!(error instanceof core.FormatError)) throw error; }
console.log("read");
`;
for (const [form, file, load] of [
  ["CommonJS", "onnx.cjs", (name, path) => `const ${name} = require("${path}");`],
  ["ESM", "onnx.mjs", (name, path) => `import * as ${name} from "${path}";`],
]) {
  const program = [load("core", "handgrad"), load("onnx", "handgrad/onnx"), throughOnnx].join("\n");
  check(`in ${form} handgrad/onnx asks for @bufbuild/protobuf`, () => {
    let message = "";
    try {
      node(file, program);
    } catch (error) {
      message = String(error.stderr);
    }
    const says = message.includes("'@bufbuild/protobuf") && message.includes("npm-install-bufbuild-protobuf");
    expect(says, `expected an error that says to install @bufbuild/protobuf, got ${message}`);
  });
  check(`in ${form} handgrad/onnx works beside @bufbuild/protobuf, without code from strings`, () => {
    linkPackage(project, "@bufbuild/protobuf");
    try {
      expect(node(file, program, "--disallow-code-generation-from-strings").includes("read"), "no answer");
    } finally {
      rmSync(join(project, "node_modules", "@bufbuild"), { recursive: true });
    }
  });
}

const images = `
(async () => {
  const { FormatError, ArgumentError } = core;
  let message = "nothing was thrown";
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==", "base64");
  try { await data.decodeImage(png); } catch (error) { message = (error instanceof ArgumentError) + " " + error.message; }
  try { await data.decodeImage(new Uint8Array(3)); } catch (error) { if (!(error instanceof FormatError)) throw error; }
  const x = core.rand([9, 1, 4, 4], { seed: 1 });
  const epoch = async (numWorkers) => {
    const transform = [data.randomCrop(4, { padding: 1 }), data.randomRotation(20)];
    const loader = new data.DataLoader(new data.TensorDataset(x, new Uint8Array(9)), { batchSize: 4, seed: 1, transform, numWorkers });
    const got = [];
    for await (const [batch] of loader) got.push(...batch.data);
    return String(got);
  };
  if ((await epoch(2)) !== (await epoch(0))) throw new Error("workers give other bits");
  if (metrics.f1([0, 1], [0, 1]) !== 1 || metrics.accuracy !== core.accuracy) throw new Error("metrics");
  console.log(message);
})();
`;
for (const [form, file, load] of [
  ["CommonJS", "images.cjs", (name, path) => `const ${name} = require("${path}");`],
  ["ESM", "images.mjs", (name, path) => `import * as ${name} from "${path}";`],
]) {
  const program = `${load("core", "handgrad")}\n${load("data", "handgrad/data")}\n${load("metrics", "handgrad/metrics")}\n${images}`;
  check(`in ${form} data workers give the same bits, and images ask for their package when one comes`, () => {
    const output = node(file, program);
    expect(
      output.includes("true decodeImage: expected the package fast-png for PNG images, got none (npm install fast-png"),
      output,
    );
  });
  check(`in ${form} images are decoded beside fast-png, also without code from strings`, () => {
    linkPackage(project, "fast-png");
    try {
      expect(
        node(file, program, "--disallow-code-generation-from-strings").includes("nothing was thrown"),
        "no answer",
      );
    } finally {
      rmSync(join(project, "node_modules", "fast-png"));
    }
  });
}

const look = `
(async () => {
  const model = new core.Sequential(["conv", new core.Conv2d(1, 2, 3)], new core.ReLU(), new core.Flatten(), new core.Linear(8, 2));
  const map = viz.gradCam(model, core.rand([2, 1, 4, 4], { seed: 1 }), { layer: "conv" });
  if (String(map.shape) !== "2,1,4,4" || !core.Tensor.isTensor(map)) throw new Error("gradCam");
  let said = "";
  try { viz.saliency(model, 3); } catch (error) { said = String(error instanceof core.ArgumentError); }
  const message = await viz.encodePng(viz.heatmapImage(map.slice(0))).then((bytes) => bytes.length > 60, (error) => error.message);
  console.log(said, message);
})();
`;
for (const [form, file, load] of [
  ["CommonJS", "look.cjs", (name, path) => `const ${name} = require("${path}");`],
  ["ESM", "look.mjs", (name, path) => `import * as ${name} from "${path}";`],
]) {
  const program = `${load("core", "handgrad")}\n${load("viz", "handgrad/viz")}\n${look}`;
  check(
    `in ${form} handgrad/viz shares the core's classes, and pictures ask for their package when a file is written`,
    () => {
      const output = node(file, program);
      expect(
        output.startsWith("true encodePng: expected the package fast-png, got none (npm install fast-png"),
        output,
      );
      linkPackage(project, "fast-png");
      try {
        expect(node(file, program, "--disallow-code-generation-from-strings").startsWith("true true"), "no file");
      } finally {
        rmSync(join(project, "node_modules", "fast-png"));
      }
    },
  );
}

const reports = `
(async () => {
  const history = { epochs: [{ epoch: 1, valLoss: 2 }, { epoch: 2, valLoss: 1 }], batches: { epoch: [], batch: [], loss: [], lr: [], gradNorm: [] } };
  const said = [];
  for (const work of [() => report.htmlReport({ history }), () => report.plotHistory(train.History.from(history))]) {
    try { said.push((await work()).includes("alidation loss") + " made"); } catch (error) { said.push((error instanceof core.ArgumentError) + " " + error.message); }
  }
  said.push(report.confusionTable([[1, 0], [0, 1]]).includes("true"));
  console.log(said.join("\\n"));
})();
`;
for (const [form, file, load] of [
  ["CommonJS", "report.cjs", (name, path) => `const ${name} = require("${path}");`],
  ["ESM", "report.mjs", (name, path) => `import * as ${name} from "${path}";`],
]) {
  const loads = [load("core", "handgrad"), load("train", "handgrad/train"), load("report", "handgrad/report")];
  const program = `${loads.join("\n")}\n${reports}`;
  check(`in ${form} reports ask for their packages when one is to be made`, () => {
    const output = node(file, program);
    const first =
      "true htmlReport: expected the packages d3-scale, d3-shape, fast-png, got no d3-scale and no d3-shape and no fast-png";
    expect(output.includes(`${first} (npm install d3-scale d3-shape fast-png).`), output);
    expect(output.includes("true plotHistory: expected the package simple-ascii-chart, got none"), output);
  });
  check(`in ${form} reports are made beside their packages, also without code from strings`, () => {
    const names = ["d3-scale", "d3-shape", "fast-png", "simple-ascii-chart"];
    names.forEach((name) => linkPackage(project, name));
    try {
      const output = node(file, program, "--disallow-code-generation-from-strings");
      expect(output.split("true made").length === 3 && output.trim().endsWith("true"), output);
    } finally {
      names.forEach((name) => rmSync(join(project, "node_modules", name)));
    }
  });
}

check(
  "a page bundles handgrad/data, handgrad/metrics and handgrad/viz without Node's modules, and only what it uses",
  () => {
    const bundle = (contents) => {
      const target = {
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        platform: "browser",
        logLevel: "error",
      };
      return buildSync({ stdin: { contents, resolveDir: project }, ...target }).outputFiles[0].text;
    };
    const all = bundle(
      `export * from "handgrad/data"; export * from "handgrad/metrics"; export * from "handgrad/viz";`,
    );
    expect(!/from *"node:|require\("/.test(all), "it has modules of Node");
    const sizes = [
      `export { normalize } from "handgrad/data";`,
      `export { F1 } from "handgrad/metrics";`,
      `export { mostConfused, heatmapImage } from "handgrad/viz";`,
    ].map((line) => bundle(line).length);
    expect(
      sizes.every((size) => size < 25_000),
      `expected at most 25 kB each, got ${sizes}`,
    );
  },
);

// Runtimes that cannot run the kernels: Node without a compiler, and (on x86 only) on a processor without SSE4.1.
const withoutKernels = `
import { BackendError, ones, randn, relu, setBackend } from "handgrad";
import { plain } from "handgrad/plain";
try { relu(randn([3])); } catch (error) { console.log(error instanceof BackendError, error.message); }
setBackend(plain);
console.log("plain: " + relu(ones([3])).data.join());
`;
for (const [what, flag, message] of [
  [
    "WebAssembly",
    "--jitless",
    'expected a runtime with WebAssembly, got none (setBackend(plain) from "handgrad/plain" computes without, slowly)',
  ],
  ["SIMD", "--no-enable-sse4-1", "expected a runtime with WebAssembly SIMD, got a compile error ("],
].filter(([what]) => what === "WebAssembly" || process.arch === "x64")) {
  check(`without ${what} the first operation is a BackendError that says so, and the plain backend computes`, () => {
    const output = node("without.mjs", withoutKernels, flag);
    expect(output.startsWith(`true wasm: ${message}`) && output.includes("plain: 1,1,1"), output);
  });
}
// CommonJS cannot import the module with the model, so its functions come as text.
const modelFile = readFileSync(join(root, "test/package/modelFile.mjs"), "utf8").replace(/^export /gm, "");
const useModel = `
const bytes = smallModel({ core, io });
fs.writeFileSync("model.safetensors", bytes);
const image = { data: Uint8Array.from({ length: 256 }, (_, i) => (i % 4 === 3 ? 255 : (29 * i) % 256)), width: 8, height: 8 };
console.log(JSON.stringify(predictPixels({ io }, fs.readFileSync("model.safetensors"), image)));
`;
check("a model file goes through a file in CommonJS and in ESM, without code from strings, with the same bits", () => {
  const cjs = `const fs = require("node:fs"), core = require("handgrad"), io = require("handgrad/io");`;
  const esm = `import fs from "node:fs"; import * as core from "handgrad"; import * as io from "handgrad/io";`;
  const outputs = [
    ["model.cjs", cjs],
    ["model.mjs", esm],
  ].map(([file, load]) => node(file, `${load}\n${modelFile}\n${useModel}`, "--disallow-code-generation-from-strings"));
  expect(outputs[0] === outputs[1] && JSON.parse(outputs[0]).logits.length === 3, outputs.join("\n"));
});

const onlyPredict = `
const { Sequential, Conv2d, ReLU, MaxPool2d, BatchNorm2d, ConvTranspose2d, Flatten, Linear, manualSeed, randn } = core;
manualSeed(1);
const common = new Sequential(
  ...[new Conv2d(3, 16, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Conv2d(16, 16, 5, { padding: 2 })],
  ...[new ReLU(), new Flatten(), new Linear(16 * 36, 4)],
);
const more = new Sequential(new Conv2d(3, 8, 3), new BatchNorm2d(8), new ConvTranspose2d(8, 8, 3));
const x = randn([5, 3, 12, 12], { seed: 2 });
for (const [model, options] of [[common, {}], [more, { layers: predict.kit }]]) {
  const y = predict.loadModel(io.saveModel(model), options).predict(x);
  const wanted = model.predict(x);
  if (y.shape.join() !== wanted.shape.join() || y.data.join() !== wanted.data.join()) throw new Error("other bits");
}
console.log("same bits");
`;
check("handgrad/predict gives the bits of the whole package, in CommonJS and in ESM, without code from strings", () => {
  for (const [file, load] of [
    ["predict.cjs", (name, path) => `const ${name} = require("${path}");`],
    ["predict.mjs", (name, path) => `import * as ${name} from "${path}";`],
  ]) {
    const loads = [load("core", "handgrad"), load("io", "handgrad/io"), load("predict", "handgrad/predict")];
    const output = node(file, loads.join("\n") + onlyPredict, "--disallow-code-generation-from-strings");
    expect(output.includes("same bits"), output);
  }
});

const sendBytes = `
const { Linear, Sequential, Tensor } = core;
const model = new Sequential(new Linear(2, 1));
const all = [io.saveModel(model), io.encodeNpy(new Tensor([1])), io.encodeSafetensors(model.stateDict()), io.encodeCheckpoint({ model })];
(async () => {
  for (const bytes of all) {
    if (bytes.constructor !== Uint8Array || bytes.byteOffset !== 0 || bytes.buffer.byteLength !== bytes.length) throw new Error("not bytes of their own");
    const { size } = new Blob([bytes]);
    const { byteLength } = await new Request("https://example.org/", { method: "PUT", body: bytes }).arrayBuffer();
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const moved = structuredClone(bytes, { transfer: [bytes.buffer] });
    if (size !== byteLength || moved.length !== size || digest.byteLength !== 32) throw new Error("other bytes");
  }
  console.log("sent");
})();
`;
check("what the encoders return goes into a Blob, a request, a digest and a transfer as it is", () => {
  const load = `import * as core from "handgrad"; import * as io from "handgrad/io";`;
  expect(node("send.mjs", load + sendBytes).includes("sent"), "no answer");
});

// A realm of its own without what Node adds to the language, as that of jest-environment-jsdom: the arrays and objects that come
// from outside are of another realm, and there is no TextEncoder.
const otherRealm = `
const { readFileSync } = require("node:fs"), { dirname, join } = require("node:path"), vm = require("node:vm");
const { webcrypto } = require("node:crypto");
const realm = vm.createContext({ console, crypto: webcrypto, URL });
const loaded = new Map();
function load(path) {
  if (loaded.has(path)) return loaded.get(path).exports;
  const module = { exports: {} };
  loaded.set(path, module);
  const wrapped = vm.runInContext("(function (exports, require, module, __filename) {" + readFileSync(path, "utf8") + "\\n})", realm);
  wrapped(module.exports, (name) => load(join(dirname(path), name)), module, path);
  return module.exports;
}
const dist = dirname(require.resolve("handgrad"));
realm.core = load(join(dist, "index.cjs"));
realm.io = load(join(dist, "io.cjs"));
realm.foreign = new Float32Array([1, 2]);
if (vm.runInContext("typeof TextEncoder + typeof TextDecoder", realm) !== "undefinedundefined") throw new Error("it has them");
const bytes = vm.runInContext(\`
  const model = new core.Sequential(new core.Linear(2, 2));
  const bytes = io.saveModel(model, { classes: ["hä", "\\u{1f642}"], input: { shape: [2] } });
  const [a, b] = [io.loadModel(bytes).predict(new core.Tensor(foreign, [1, 2])), model.predict(new core.Tensor([[1, 2]]))];
  if (String(a) !== String(b)) throw new Error(a + " " + b);
  const { tensors } = io.decodeSafetensors(io.encodeSafetensors({ "\\u{1f642}": a }));
  if (tensors["\\u{1f642}"].at(0, 0) !== a.at(0, 0)) throw new Error("another number");
  io.decodeNpy(io.encodeNpy(a));
  io.restoreCheckpoint({ model }, io.decodeCheckpoint(io.encodeCheckpoint({ model })));
  bytes;
\`, realm);
console.log(JSON.stringify(require("handgrad/io").loadModel(bytes).classes));
`;
check("in a realm without TextEncoder models, weights and checkpoints are written and read all the same", () => {
  const output = node("realm.cjs", otherRealm);
  expect(output.trim() === '["hä","🙂"]', output);
});

const consumer = `
import { Layer, Sequential, Conv2d, Linear, CrossEntropy, Adam, Tensor, multiply, type Shape } from "handgrad";
import { DataLoader, TensorDataset, batches, mixUp, randomCrop, stratifiedKFold, type Dataset, type Transform } from "handgrad/data";
import { F1, confusionMatrix, precision, type Metric } from "handgrad/metrics";
import { gradCheck, reference } from "handgrad/reference";
import { fromNdarray, toNdarray } from "handgrad/ndarray";
import { decodeNpy, decodeSafetensors, encodeNpy, encodeSafetensors, openCheckpoints, type Checkpoints } from "handgrad/io";
import { encodeCheckpoint, type Bytes } from "handgrad/io";
import { setThreads } from "handgrad/threads";
import { EMA, earlyStopping, fit, type Callback, type FitResult, type Training } from "handgrad/train";
import { loadModel, saveModel, type InputSpec, type LoadedModel } from "handgrad/io";
import { decodeNpz, encodeNpz } from "handgrad/npz";
import { collectForReport, confusionTable, htmlReport, type ReportRun } from "handgrad/report";
import { exportOnnx, importOnnx, type OnnxContext } from "handgrad/onnx";
class Twice extends Layer<Shape> {
  forward(x: Tensor): Tensor { this.save(x.shape); return multiply(x, 2); }
  backward(dy: Tensor): Tensor { this.saved(); return multiply(dy, 2); }
}
const model = new Sequential(new Conv2d(1, 2, [3, 3], { padding: "same" }), ["twice", new Twice()], new Linear(1, 1));
const loss: number = new CrossEntropy().forward(new Tensor([[1, 2]]), Int32Array.of(0));
const none: Tensor = new CrossEntropy({ reduction: "none" }).forward(new Tensor([[1, 2]]), [0]);
const dx: Tensor = model.backward(none);
model.backward(none, { inputGrad: false });
for (const [x, y] of batches(new Tensor([[1]]), Int32Array.of(0), { size: 1 })) console.log(x.shape, y[0], loss, dx);
const wide: Tensor<Float64Array> = Tensor.float64([1, 2]);
console.log(gradCheck(model, dx).ok, reference.name, toNdarray(fromNdarray(toNdarray(dx))), wide, new Adam(model.parameters()));
const { tensors, dtypes } = decodeSafetensors(encodeSafetensors(model.stateDict(), { format: "pt" }));
model.loadStateDict(tensors, { strict: false });
console.log(dtypes.weight, decodeNpy(new ArrayBuffer(1)).tensor, decodeNpz(encodeNpz(tensors), { maxBytes: 1 }).tensors);
const files: Promise<Checkpoints> = openCheckpoints("runs", { best: "max" });
const losses: Promise<number[]> = files.then((place) => place.restore<number>({ model })).then((found) => found?.history ?? []);
void files.then((place) => console.log(losses, reported, place.saveSync({ model, batches: batches(dx, [0], { size: 1 }), history: [1] })));
const input: InputSpec = { shape: [1, 4, 4], std: 0.5 };
const loaded: LoadedModel = loadModel(saveModel(model, { input, classes: ["a"] }).buffer as ArrayBuffer, { layers: { Twice } });
const image: ImageData = new ImageData(4, 4);
console.log(loaded.predict(image).shape, loaded.classify(image, { top: 1, background: 255 })[0].name, loaded.model.get(0));
const exported: Bytes = exportOnnx(model, [1, 4, 4], {
  layers: { Twice: (layer: Twice, onnx: OnnxContext) => onnx.node("Add", [onnx.input, onnx.input]) },
});
const blob: Blob = new Blob([saveModel(model), encodeSafetensors({}), encodeNpy(dx), encodeNpz({}), encodeCheckpoint({ model }), exported]);
void fetch("https://example.org/", { method: "PUT", body: saveModel(model) });
void crypto.subtle.digest("SHA-256", encodeNpy(dx));
const store = new Map<string, Bytes>();
void openCheckpoints({
  list: () => [...store.keys()],
  read: (name) => store.get(name) ?? null,
  write: (name, bytes) => void (store.set(name, bytes), new Blob([bytes])),
  remove: (name) => void store.delete(name),
});
console.log(blob.size, setThreads(1));
const collected = collectForReport(batches(dx, [0], { size: 1 }), { every: 2 });
const reported = async (result: FitResult): Promise<string> => {
  const first: ReportRun = { ...result, model, collected, settings: { lr: 1 } };
  return (await htmlReport([first, { history: result.history }], { pictures: 9 })) + confusionTable([[1]]);
};
const seen: Callback = { onEpochEnd: ({ stop }, { epoch, valLoss }) => void (epoch > 2 && console.log(valLoss, stop)) };
const training: Training = fit(model, batches(dx, [0], { size: 1 }), {
  optimizer: new Adam(model.parameters()),
  epochs: 2,
  metrics: { shape: (outputs: Tensor, targets: Int32Array) => outputs.size + targets.length },
  callbacks: [seen, earlyStopping({ monitor: "runningLoss" })],
  average: new EMA(model),
});
training.then(({ ended, history }: FitResult) => console.log(ended, history.epochs[0].runningShape, training.paused));
const rows: Tensor = new Tensor([new Float32Array([1, 2]), new Uint8Array([3, 4])]);
model.loadStateDict(JSON.parse(JSON.stringify(model.stateDict())));
for (const row of rows) console.log(typeof row === "number" ? row : row.shape);
const shape: Shape = importOnnx(exported, { inputShape: [1, 4, 4] }).inputShape;
console.log(shape);
const set: Dataset = new TensorDataset(dx, [0], { classes: ["a"] });
const crop: Transform = randomCrop(4, { padding: 1 });
const mixed: DataLoader<Tensor> = new DataLoader(set, { batchSize: 1, transform: [crop, (sample: Tensor) => sample], batchTransform: mixUp() });
for (const { train } of stratifiedKFold(set, 2)) for (const [x, y] of new DataLoader(train, { batchSize: 1 })) console.log(x.shape, y[0]);
async function all(): Promise<void> { for await (const [x, y] of mixed) console.log(x.shape, y.shape); }
const score: Metric<number> = new F1({ average: "macro" }).update(dx, [0]);
const perClass: number[] = precision(dx, [0], { average: "none" });
void all().then(() => console.log(score.compute(), perClass, confusionMatrix([0], [0])));
// @ts-expect-error an option that does not exist
new Conv2d(1, 2, 3, { paddding: 1 });
`;
// The oldest that the README names, the last without generic typed arrays (it comes with another tool), and today's.
const COMPILERS = ["typescript-oldest", "@arethetypeswrong/core/node_modules/typescript", "typescript"];
for (const typescript of COMPILERS.filter((name) => existsSync(join(root, "node_modules", name)))) {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules", typescript, "package.json"), "utf8"));
  for (const [kind, moduleKind, resolution] of [
    ["a bundler", "esnext", "bundler"],
    ["Node's CommonJS", "node16", "node16"],
    ["the resolution before that of Node 16", "commonjs", "node"],
  ]) {
    check(`a project in TypeScript ${version} for ${kind} compiles against the types`, () => {
      writeFileSync(join(project, "consumer.ts"), consumer);
      const tsc = join(root, "node_modules", typescript, "bin", "tsc");
      const flags = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom"];
      run(process.execPath, [tsc, ...flags, "--module", moduleKind, "--moduleResolution", resolution, "consumer.ts"]);
    });
  }
}

check("publint finds nothing", () => {
  const output = run("npx", ["publint", "--strict"], root);
  expect(/All good/.test(output), output);
});
check("are-the-types-wrong finds nothing", () => {
  run("npx", ["attw", join(project, pack.filename), "--profile", "node16"], root);
});

rmSync(project, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
