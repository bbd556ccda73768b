// What the @example blocks of doc comments take for granted: by file or folder, the lines that stand in front when they run. And
// those that cannot run. A new example that needs something gets a line here, if it needs more than others of its folder.
const MODEL = `
const model = new Sequential(new Flatten(), new Linear(8, 3));
const x = randn([4, 2, 2, 2]);
const labels = Int32Array.of(0, 1, 2, 0);
`;
const STEP = `${MODEL}const loss = new CrossEntropy();\nloss.forward(model.forward(x), labels);\n`;
const DIGITS = `
const images = zeros([70, 1, 28, 28]);
const labels = new Int32Array(70);
`;
const FILES = `import { writeFile } from "node:fs/promises";\n`;
const RUN = `${MODEL}
const optimizer = new Adam(model.parameters());
const data = batches(x, labels, { size: 2 });
const losses: number[] = [];
const train = (inputs: Tensor, targets: Int32Array): number => {
  const loss = new CrossEntropy();
  const value = loss.forward(model.forward(inputs), targets);
  optimizer.zeroGrad();
  model.backward(loss.backward());
  optimizer.step();
  return value;
};
`;
const MODEL_FILE = `
const saved = saveModel(new Sequential(new Flatten(), new Linear(784, 10)), { input: { shape: [1, 28, 28] } });
const imageData = { data: new Uint8ClampedArray(3136).fill(255), width: 28, height: 28 };
`;
const TRAINING = `
const model = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(100, 3));
const images = randn([160, 1, 12, 12], { seed: 1 });
const labels = Int32Array.from({ length: 160 }, (_, i) => i % 3);
const [testImages, testLabels] = [images.slice([0, 40]), labels.subarray(0, 40)];
const optimizer = new Adam(model.parameters(), { lr: 0.003 });
const data = batches(images, labels, { size: 32, shuffle: true });
const validation = batches(testImages, testLabels, { size: 40 });
`;
const IDX = `const bytes = (...head: number[]): Uint8Array<ArrayBuffer> => Uint8Array.of(0, 0, 8, ...head);\n`;

const DIGIT_SET = `const digits = new TensorDataset(zeros([20, 1, 28, 28]), Int32Array.from({ length: 20 }, (_, i) => i % 2));\n`;

export const SETUP = {
  "docs/looking-inside.md": `
const model = new Sequential(["conv1", new Conv2d(1, 6, 3)], ["relu1", new ReLU()], ["flat", new Flatten()], ["head", new Linear(600, 4)]);
const x = randn([8, 1, 12, 12], { seed: 1 });
const labels = Int32Array.from({ length: 8 }, (_, i) => i % 3);
const loss = new CrossEntropy();
const optimizer = new Adam(model.parameters());
loss.forward(model.forward(x), labels);
model.backward(loss.backward());
`,
  "docs/training.md": `import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Callback } from "handgrad/train";
${TRAINING}`,
  "docs/report.md": TRAINING,
  "src/report/": TRAINING,
  "src/report/terminal/": TRAINING,
  "src/train/": `${TRAINING}const options = { optimizer, epochs: 2 };\n`,
  "src/train/averagedWeights.ts": `${TRAINING}const options = { optimizer };\n`,
  "src/train/updateBatchNorm.ts": `${TRAINING}const swa = new SWA(model);\nswa.update();\n`,
  "src/init/dirac.ts": `const conv = new Conv2d(3, 3, 3);\nconst linear = new Linear(3, 3);\n`,
  "src/init/orthogonal.ts": `const linear = new Linear(3, 3);\n`,
  "src/init/truncNormal.ts": `const linear = new Linear(3, 3);\n`,
  "src/init/whitening.ts": `const images = randn([20, 3, 8, 8], { seed: 1 });\n`,
  "src/data/sets/split.ts": DIGIT_SET,
  "src/data/sets/kFold.ts": DIGIT_SET,
  "src/data/loader/dataLoader.ts": DIGIT_SET,
  "src/data/augment/testTime.ts": `
    const images = rand([2, 1, 4, 4]);
    const model = new Sequential(new Flatten(), new Linear(16, 3));
  `,
  "src/data/readers/cifar.ts": `const readFile = async (_: string): Promise<Uint8Array> => new Uint8Array(3073);\n`,
  "src/data/readers/decodeImage.ts": `
    import { encode } from "fast-png";
    const readFile = async (_: string): Promise<Uint8Array> => encode({ data: new Uint8Array(4), width: 2, height: 2, channels: 1 });
  `,
  "src/metrics/metric.ts": `
    const images = rand([6, 1, 2, 2]);
    const labels = [0, 1, 2, 0, 1, 2];
    const model = new Sequential(new Flatten(), new Linear(4, 3));
  `,
  "src/ops/create.ts": `const context = { getImageData: (..._: number[]) => ({ data: new Uint8ClampedArray(3136), width: 28, height: 28 }) };\n`,
  "src/data/batches.ts": DIGITS,
  "src/data/epochs.ts": `
    import { readFileSync, writeFileSync } from "node:fs";
    ${DIGITS}
    const late = (): boolean => true;
    const data = batches(images, labels, { size: 64 });
  `,
  "src/data/idx.ts": `
    ${IDX}
    const readFile = async (_: string): Promise<Uint8Array> => bytes(1, 0, 0, 0, 2, 7, 9);
    const fetch = async (_: string): Promise<Response> => new Response(bytes(3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9));
  `,
  "src/data/permutation.ts": DIGITS,
  "src/onnx/exportOnnx.ts": `
    const model = new Sequential(new Flatten(), new Linear(784, 10));
    const writeFile = async (_name: string, _bytes: Uint8Array): Promise<void> => {};
  `,
  "src/onnx/importOnnx.ts": `
    const readFile = async (_: string): Promise<Uint8Array> => exportOnnx(new Sequential(new ReLU()), [1, 2, 2]);
    const images = zeros([3, 1, 2, 2]);
  `,
  "src/gradcheck/gradCheck.ts": `class MyLayer extends ReLU {}\n`,
  "src/files/npy.ts": `
    import { writeFile } from "node:fs/promises";
    const x = zeros([2, 3]);
    const readFile = async (_: string): Promise<Uint8Array> => encodeNpy(x);
  `,
  "src/files/npz.ts": `${MODEL}${FILES}const readFile = async (_: string): Promise<Uint8Array> => encodeNpz(model.stateDict());\n`,
  "src/files/safetensors.ts": `
    ${MODEL}${FILES}
    const readFile = async (_: string): Promise<Uint8Array> => encodeSafetensors(model.stateDict());
  `,
  "src/checkpoints/checkpoint.ts": RUN,
  "src/checkpoints/checkpoint.ts#2": `const bytes = encodeCheckpoint({ model, optimizer, batches: data, history: losses });\n`,
  "src/models/inputSpec.ts": `import type { InputSpec } from "handgrad/io";\n`,
  "src/models/loadModel.ts": `${MODEL_FILE}
    const fetch = async (_: string): Promise<Response> => new Response(saved as Uint8Array<ArrayBuffer>);
    const context = { getImageData: (..._: number[]) => imageData };
  `,
  "src/models/loadedModel.ts": `${MODEL_FILE}const loaded = loadModel(saved);\n`,
  "src/checkpoints/openCheckpoints.ts": `${RUN.replace("const losses: number[] = [];", "")}const validate = (): number => 0.5;\n`,
  "src/checkpoints/restoreCheckpoint.ts": `${RUN}const bytes = encodeCheckpoint({ model, optimizer, batches: data, history: losses });\n`,
  "src/models/saveModel.ts": `
    import { writeFileSync } from "node:fs";
    const model = new Sequential(new Flatten(), new Linear(784, 2));
  `,
  "src/checkpoints/store.ts": `import type { CheckpointStore } from "handgrad/io";\n`,
  "src/loss/": `${MODEL}
    const [targets, answers, logits] = [randn([4, 3]), ones([4, 3]), randn([4, 3])];
    const probabilities = softmax(randn([4, 3]), 1);
  `,
  "src/loss/hinge.ts": `${MODEL}const distances = randn([3]);\n`,
  "src/loss/embedding.ts": `
    const [anchor, positive, negative] = [randn([2, 8]), randn([2, 8]), randn([2, 8])];
    const [a, b] = [anchor, positive];
  `,
  "src/loss/dice.ts": `
    const model = new Sequential(new Conv2d(1, 2, 3, { padding: "same" }));
    const [images, labels] = [randn([2, 1, 4, 4]), new Int32Array(32)];
  `,
  "src/optim/muon.ts": `const model = new Sequential(new Conv2d(1, 2, 3), new Flatten(), new Linear(2, 2));\n`,
  "src/loss/nll.ts": `${MODEL.replace("new Linear(8, 3)", "new Linear(8, 3), new LogSoftmax()")}`,
  "src/viz/": `
    const model = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Flatten(), new Linear(144, 3));
    const images = randn([8, 1, 8, 8], { seed: 1 });
    const labels = Int32Array.from({ length: 8 }, (_, i) => i % 3);
    const x = images;
    const w = ones([4, 1, 3, 3]);
    const optimizer = new Adam(model.parameters());
    new CrossEntropy().forward(model.forward(x), labels);
    model.backward(ones([8, 3]));
  `,
  "src/nn/watch.ts": MODEL,
  "src/nn/anomaly.ts": `${MODEL}const train = (net: Sequential): void => void net.forward(x);\n`,
  "src/scijs/ndarray.ts": `import ndarray from "ndarray";\n`,
  "src/nn/pool/avgpool2d.ts": `const x = zeros([8, 512, 7, 7]);\n`,
  "src/nn/conv/conv2d.ts": `const images = zeros([8, 3, 32, 32]);\n`,
  "src/nn/conv/convtranspose2d.ts": `const features = zeros([4, 16, 14, 14]);\n`,
  "src/nn/linear/linear.ts": `const x = zeros([8, 1568]);\n`,
  "src/nn/pool/maxpool2d.ts": `const x = zeros([8, 16, 26, 26]);\n`,
  "src/nn/container/sequential.ts": DIGITS,
  "src/ops/arithmetic.ts": `const x = ones([2]);\n`,
  "src/ops/pad.ts": `const x = ones([1, 1, 2, 2]);\n`,
  "src/optim/": STEP,
  "src/optim/clip.ts": `${STEP}const optimizer = new SGD(model.parameters(), { lr: 0.1 });\n`,
  "src/optim/schedules/": `${MODEL}
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const data: [Tensor, Int32Array][] = [[x, labels]];
    const epochs = 90;
    const trainOn = (_x: Tensor, _labels: Int32Array): void => optimizer.step();
    const train = (): void => trainOn(x, labels);
    const validationLoss = (): number => 0.5;
  `,
  "src/signals/correlate2d.ts": `const [image, kernel] = [randn([5, 5]), randn([2, 2])];\n`,
  "src/base/tensor.ts#2": `const x = randn([3, 4]);\n`,
};

/** A part of a class, and no program; by file and first line. */
export const FRAGMENTS = new Set(["src/nn/layer.ts override config(): LayerConfig {"]);
