// 44: a hyperparameter search in parallel worker processes, as many as the processor has cores. Each takes the next drawn setting, trains
// and sends its history back; the table at the end is sorted by validation loss. The settings are drawn by a seed, and a run
// depends on its setting alone: the table is the same for any number of workers. Small and offline.
//
//   npx tsx examples/44-search.ts [RUNS [FILE]]       FILE: a report of all runs side by side, such as search.html
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Generator,
  Linear,
  MaxPool2d,
  OneCycleLR,
  ReLU,
  Sequential,
  accuracy,
  manualSeed,
} from "handgrad";
import { DataLoader, makeDigits, randomAffine, randomSplit } from "handgrad/data";
import { htmlReport } from "handgrad/report";
import { fit, type HistoryJson } from "handgrad/train";

/** What is searched. */
interface Setting {
  readonly run: number;
  readonly lr: number;
  readonly width: number;
  readonly dropout: number;
  readonly norm: boolean;
}

interface Outcome {
  readonly setting: Setting;
  readonly history: HistoryJson;
  readonly seconds: number;
}

const EPOCHS = 6;

if (process.send === undefined) await search(Number(process.argv[2] ?? 12), process.argv[3]);
else process.on("message", (setting: Setting) => void train(setting).then((outcome) => process.send?.(outcome)));

async function search(runs: number, file?: string): Promise<void> {
  const settings = Array.from({ length: runs }, (_, run) => draw(run + 1));
  const workers = Math.min(runs, availableParallelism());
  console.log(`${runs} runs of ${EPOCHS} epochs in ${workers} workers.`);
  const outcomes = (await Promise.all(Array.from({ length: workers }, () => work(settings)))).flat();
  outcomes.sort((a, b) => last(a).valLoss - last(b).valLoss);
  console.table(
    outcomes.map(({ setting: { run, lr, width, dropout, norm }, ...outcome }) => ({
      ...{ run, lr: lr.toExponential(1), width, dropout: dropout.toFixed(2), norm },
      ...{ valLoss: last(outcome).valLoss.toFixed(4), valAccuracy: last(outcome).valAccuracy.toFixed(3) },
      seconds: outcome.seconds.toFixed(1),
    })),
  );
  if (file === undefined) return;
  const all = outcomes.map(({ setting: { run, ...settings }, history }) => ({
    name: `run ${run}`,
    history,
    settings,
    seed: run,
  }));
  writeFileSync(file, await htmlReport(all, { title: `A search of ${runs} runs` }));
  console.log(`Wrote ${file}.`);
}

/** A worker's life: the next setting, as long as there are any. */
async function work(settings: Setting[]): Promise<Outcome[]> {
  const worker = fork(fileURLToPath(import.meta.url));
  const outcomes: Outcome[] = [];
  try {
    for (let setting = settings.shift(); setting !== undefined; setting = settings.shift()) {
      const next = setting;
      const outcome = await new Promise<Outcome>((resolve, reject) => {
        worker
          .once("message", resolve)
          .once("error", reject)
          .once("exit", () => reject(new Error(`Run ${next.run} died.`)));
        worker.send(next);
      });
      worker.removeAllListeners();
      outcomes.push(outcome);
      console.log(`Run ${next.run}: validation loss ${last(outcome).valLoss.toFixed(4)}.`);
    }
  } finally {
    worker.kill();
  }
  return outcomes;
}

/** Setting number `run`: learning rates evenly in their logarithm, the others evenly. */
function draw(run: number): Setting {
  const random = new Generator("draw", { seed: run });
  return {
    run,
    lr: Number((10 ** (-4 + 2.5 * random.uniform())).toPrecision(2)),
    width: [4, 8, 16][random.integer(3)],
    dropout: Math.round(50 * random.uniform()) / 100,
    norm: random.uniform() < 0.5,
  };
}

async function train(setting: Setting): Promise<Outcome> {
  const { run, lr, width, dropout, norm } = setting;
  const started = performance.now();
  manualSeed(run);
  const [training, validation] = randomSplit(makeDigits({ samples: 1200, size: 16, seed: 1 }), [0.75, 0.25], {
    seed: 1,
  });
  const transform = randomAffine({ degrees: 15, translate: [0.1, 0.1], interpolation: "bilinear" });
  const data = new DataLoader(training, { batchSize: 32, shuffle: true, transform });
  const model = new Sequential(
    new Conv2d(1, width, 3, { bias: !norm }), ...(norm ? [new BatchNorm2d(width)] : []), new ReLU(), new MaxPool2d(2),
    new Conv2d(width, 2 * width, 3), new ReLU(), new Flatten(),
    new Dropout(dropout), new Linear(2 * width * 5 * 5, 10),
  ); // prettier-ignore
  const optimizer = new Adam(model.parameters(), { lr });
  const { history } = await fit(model, data, {
    optimizer,
    epochs: EPOCHS,
    batchSchedule: new OneCycleLR(optimizer, lr, { totalSteps: EPOCHS * data.length }),
    validation: new DataLoader(validation, { batchSize: 150 }),
    metrics: { accuracy },
    restoreBest: false,
  });
  return { setting, history: history.toJSON(), seconds: (performance.now() - started) / 1000 };
}

function last({ history }: Pick<Outcome, "history">): { valLoss: number; valAccuracy: number } {
  return history.epochs[history.epochs.length - 1] as unknown as { valLoss: number; valAccuracy: number };
}
