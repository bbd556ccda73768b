// Ten seeded training steps of lesson 4's network, as one number made of the bits of losses and weights: the same in every
// runtime and for any number of threads. Used by the package check in Node and by the page of the browser check.
export async function trainDigest({ core, threads }, count) {
  const { Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Dropout, Linear, CrossEntropy, Adam, manualSeed, randn } = core;
  const got = await threads.setThreads(count);
  manualSeed(1);
  const model = new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Flatten(), new Linear(1568, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
  );
  const loss = new CrossEntropy();
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  let digest = 2166136261;
  const mix = (word) => (digest = Math.imul(digest ^ word, 16777619) >>> 0);
  for (let step = 0; step < 10; step++) {
    const x = randn([13, 1, 28, 28], { seed: step });
    const value = loss.forward(
      model.forward(x),
      Int32Array.from({ length: 13 }, (_, i) => (i + step) % 10),
    );
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
    new Uint32Array(new Float64Array([value]).buffer).forEach(mix);
  }
  for (const parameter of model.parameters()) new Uint32Array(parameter.value.clone().data.buffer).forEach(mix);
  await threads.setThreads(1);
  return { threads: got, digest: digest.toString(16).padStart(8, "0") };
}
