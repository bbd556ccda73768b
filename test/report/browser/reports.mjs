// The reports that the browser looks at, made by the built package: a run with everything, three side by side, the hostile texts, and a
// history alone.
import {
  Adam,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  OneCycleLR,
  ReLU,
  Sequential,
  Tensor,
  accuracy,
  manualSeed,
  zeros,
} from "handgrad";
import { batches, makeDigits } from "handgrad/data";
import { collectForReport, htmlReport } from "handgrad/report";
import { fit } from "handgrad/train";

const CLASSES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const EVIL = `"><img src=x onerror=alert(1)></script><script>document.title = "broken in"</script>`;

function digits(samples, seed) {
  const set = makeDigits({ samples, seed, size: 16, noise: 0.2, variation: 1.5 });
  const { source, labels } = set;
  const images = Tensor.isTensor(source)
    ? source
    : new Tensor(
        Float32Array.from(source.data, (byte) => byte / 255),
        source.shape,
      );
  return [images, labels];
}

async function run(name, seed, lr, oneCycle) {
  manualSeed(seed);
  const model = new Sequential(
    ...[new Conv2d(1, 8, 3), new ReLU(), new MaxPool2d(2), new Conv2d(8, 12, 3), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(48, 10)],
  );
  const optimizer = new Adam(model.parameters(), { lr });
  const data = batches(...digits(800, 1), { size: 16, shuffle: true });
  const validation = batches(...digits(300, 2), { size: 100 });
  const collected = collectForReport(validation);
  const epochs = 4;
  const schedule = oneCycle
    ? { batchSchedule: new OneCycleLR(optimizer, lr, { totalSteps: epochs * data.length }) }
    : {};
  const options = { optimizer, epochs, validation, metrics: { accuracy }, clipNorm: 10, callbacks: [collected] };
  const result = await fit(model, data, { ...options, ...schedule });
  const heatmaps = (images) => {
    const maps = zeros([images.shape[0], 4, 4]);
    maps.data.forEach((_, i) => (maps.data[i] = (i % 16) / 15));
    return maps;
  };
  const settings = { optimizer: "Adam", lr, schedule: oneCycle ? "one cycle" : "none", size: 16 };
  return { ...result, name, model, data: validation, collected, settings, heatmaps };
}

/** The documents by name. */
export async function makeReports() {
  const runs = [
    await run("one cycle", 1, 0.01, true),
    await run("slow", 2, 0.001, false),
    await run("wild", 3, 0.05, false),
  ];
  const hostile = CLASSES.map((name) => `${name} ${EVIL}`);
  return {
    one: await htmlReport(runs[0], { classes: CLASSES, date: "1 May 2026" }),
    three: await htmlReport(runs, { title: "Three learning rates", classes: CLASSES }),
    hostile: await htmlReport(
      { ...runs[0], name: EVIL, reason: EVIL, settings: { [EVIL]: EVIL } },
      { title: EVIL, classes: hostile },
    ),
    history: await htmlReport({ history: runs[0].history }),
  };
}
