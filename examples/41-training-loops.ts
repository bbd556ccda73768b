// 41: one training twice, as a loop of one's own and by fit: validation, clipping, a schedule, an average of the weights, early
// stopping, the best weights. Both give the same numbers. Small and offline.
//
//   npx tsx examples/41-training-loops.ts
import {
  CrossEntropy,
  Dropout,
  Linear,
  ReLU,
  SGD,
  Sequential,
  StepLR,
  accuracy,
  clipGradNorm,
  manualSeed,
  randn,
  type StateDict,
} from "handgrad";
import { batches } from "handgrad/data";
import { EMA, earlyStopping, evaluate, fit } from "handgrad/train";

const EPOCHS = 30;
const PATIENCE = 2;

// Points inside and outside of a circle.
const points = randn([260, 2], { seed: 1 });
const labels = Int32Array.from({ length: 260 }, (_, i) => (points.at(i, 0) ** 2 + points.at(i, 1) ** 2 < 1.4 ? 1 : 0));

function build() {
  manualSeed(3);
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Dropout(0.1), new Linear(32, 2));
  const optimizer = new SGD(model.parameters(), { lr: 0.4, momentum: 0.9 });
  return {
    model,
    optimizer,
    schedule: new StepLR(optimizer, 8, { gamma: 0.5 }),
    ema: new EMA(model, { decay: 0.9 }),
    data: batches(points.slice([0, 200]), labels.subarray(0, 200), { size: 32, shuffle: true }),
    validation: batches(points.slice([200, 260]), labels.subarray(200), { size: 60 }),
  };
}

async function byHand({
  model,
  optimizer,
  schedule,
  ema,
  data,
  validation,
}: ReturnType<typeof build>): Promise<number> {
  const loss = new CrossEntropy();
  let best = Infinity;
  let bad = 0;
  let kept: StateDict = {};
  for (let epoch = 1; epoch <= EPOCHS && bad <= PATIENCE; epoch++) {
    for (const [x, y] of data) {
      loss.forward(model.forward(x), y);
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
      ema.update();
    }
    ema.apply();
    const results = await evaluate(model, validation, { loss, metrics: { accuracy } });
    const value = results.loss as number;
    console.log(`epoch ${epoch}  valLoss ${value.toFixed(4)}  valAccuracy ${(results.accuracy as number).toFixed(4)}`);
    bad = value < best ? 0 : bad + 1;
    if (value < best) {
      best = value;
      kept = Object.fromEntries(Object.entries(model.stateDict()).map(([name, tensor]) => [name, tensor.clone()]));
    }
    ema.restore();
    schedule.step();
  }
  model.loadStateDict(kept);
  return best;
}

async function byFit({ model, optimizer, schedule, ema, data, validation }: ReturnType<typeof build>): Promise<number> {
  const { best, reason } = await fit(model, data, {
    optimizer,
    epochs: EPOCHS,
    validation,
    metrics: { accuracy },
    clipNorm: 1,
    average: ema,
    epochSchedule: schedule,
    callbacks: [earlyStopping({ patience: PATIENCE })],
  });
  console.log(`fit: ${reason}; best was epoch ${best?.epoch}`);
  return best?.value ?? NaN;
}

const [hand, fitted] = [build(), build()];
const values = [await byHand(hand), await byFit(build())];
await byFit(fitted);
const weights = Object.entries(hand.model.stateDict());
const equal =
  values[0] === values[1] &&
  weights.every(([name, { data }]) =>
    data.every((value, i) => Object.is(value, fitted.model.stateDict()[name].data[i])),
  );
console.log(equal ? "Both gave the same weights, bit for bit." : "They differ.");
