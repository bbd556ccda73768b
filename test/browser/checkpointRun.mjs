// A small training run with checkpoints at a place, for Node and for a page: the same bits in both.
export async function trainTo(
  steps,
  place,
  { core, data, io },
  { seed = 1, afterStep = () => undefined, wait = true } = {},
) {
  const {
    Sequential,
    Conv2d,
    ReLU,
    MaxPool2d,
    Flatten,
    Dropout,
    Dropout2d,
    Linear,
    CrossEntropy,
    Adam,
    Generator,
    Tensor,
  } = core;
  core.manualSeed(seed);
  const model = new Sequential(
    ...[new Conv2d(1, 8, 3), new ReLU(), new MaxPool2d(2), new Dropout2d(0.2), new Flatten()],
    ...[new Linear(8 * 6 * 6, 32), new ReLU(), new Dropout(0.3), new Linear(32, 4)],
  );
  const draws = new Generator("draw", { seed: 5 });
  const x = new Tensor(new Float32Array(50 * 196), [50, 1, 14, 14]);
  core.fillNormal(draws, x.data, 0, 1);
  const labels = Int32Array.from({ length: 50 }, () => draws.integer(4));
  const batches = data.batches(x, labels, { size: 16, shuffle: true });
  const run = { model, optimizer: new Adam(model.parameters(), { lr: 0.01 }), batches };
  const checkpoints = await io.openCheckpoints(place, { keep: 2 });
  const found = await checkpoints.restore(run);
  const history = found?.history ?? [];
  const loss = new CrossEntropy();
  let last;
  while (history.length < steps) {
    for (const [images, targets] of batches) {
      history.push(loss.forward(model.forward(images), targets));
      run.optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      run.optimizer.step();
      last = checkpoints.save({ ...run, history });
      if (wait) await last;
      await afterStep(history.length);
      if (history.length === steps) break;
    }
  }
  await last;
  let digest = 2166136261; // FNV-1a over everything that a checkpoint holds
  for (const byte of io.encodeCheckpoint({ ...run, history })) digest = Math.imul(digest ^ byte, 16777619) >>> 0;
  const names = (await checkpoints.list()).map(({ name }) => name);
  return { digest, from: found?.name ?? null, skipped: found?.skipped.length ?? 0, names };
}
