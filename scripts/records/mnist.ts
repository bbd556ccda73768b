// `npm run record:mnist-epoch`, `record:mnist-small` and `record:mnist-best`: the records of MNIST, for seeds 1 to 5. Each seed is
// trained once by options that were fixed before, and tested once, at the end; all results are told.
//
//   npm run record:mnist-small -- --seeds 3,4 --threads 1 --workers 1
//   npm run record:mnist-small -- --held-out         tests on 10,000 of the training digits: how options are chosen
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { HandgradError } from "handgrad";
import { setThreads } from "handgrad/threads";
import { holdOut, readMnist } from "./mnistDigits.js";
import { mnistBest, mnistEpoch, mnistSmall } from "./mnistRecipes.js";
import { follow, trainingFlops, type Outcome, type Recipe } from "./mnistRun.js";

const RECIPES: Readonly<Record<string, Recipe>> = { epoch: mnistEpoch, small: mnistSmall, best: mnistBest };

/** Seeds as they are given: "1-5", "3", "1,4". */
function readSeeds(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    const [from, to] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    if (!(to >= from)) throw new HandgradError(`--seeds: expected seeds such as 1-5 or 1,4, got "${text}".`);
    return Array.from({ length: to - from + 1 }, (_, n) => from + n);
  });
}

function readCount(name: string, text: string, least: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= least) return count;
  throw new HandgradError(`--${name}: expected a whole number of at least ${least}, got "${text}".`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: "string", default: "1-5" },
      threads: { type: "string", default: "2" },
      workers: { type: "string", default: "1" },
      "held-out": { type: "boolean", default: false },
    },
  });
  const [name = ""] = positionals;
  if (positionals.length !== 1 || !Object.hasOwn(RECIPES, name)) {
    throw new HandgradError(`expected one of ${Object.keys(RECIPES).join(", ")}, got "${positionals.join(" ")}".`);
  }
  const recipe = RECIPES[name];
  const seeds = readSeeds(values.seeds);
  const workers = recipe.augment.length === 0 ? 0 : readCount("workers", values.workers, 0);
  const threads = await setThreads(readCount("threads", values.threads, 1));
  const whole = readMnist();
  const digits = values["held-out"] ? holdOut(whole) : whole;
  const model = recipe.build();
  const { totalParameters } = model.summary([1, 28, 28]);
  const flops = recipe.epochs * trainingFlops(model, [1, 28, 28], digits.train.length);
  const of = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  const count = (n: number): string => n.toLocaleString("en-US");
  console.log(`MNIST: ${recipe.target}`);
  console.log(
    `${count(totalParameters)} parameters, ${of(recipe.epochs, "epoch")} of ` +
      `${count(digits.train.length)} digits, ${(flops / 1e12).toFixed(2)} TFLOP of training; tested on ${count(digits.test.length)} ` +
      (values["held-out"] ? "training digits that were held out" : "test digits"),
  );
  console.log(`${cpus()[0].model}, ${of(threads, "thread")}, ${of(workers, "worker")}, Node ${process.version}\n`);
  const line = (name: string, accuracy: string, ...seconds: readonly number[]): void =>
    console.log(
      `${name.padStart(4)}   ${accuracy.padEnd(7)}  ${seconds.map((s) => s.toFixed(1).padStart(9)).join(" ")}`,
    );
  console.log("                 seconds   seconds   seconds");
  console.log("                      of        of of proces-");
  console.log("seed   accuracy training   testing sors' work");
  const outcomes: Outcome[] = [];
  for (const seed of seeds) {
    const { accuracy, training, testing, work } = await follow(recipe, digits, seed, workers);
    outcomes.push({ seed, accuracy, training, testing, work });
    line(String(seed), accuracy.toFixed(4), training, testing, work);
  }
  const [accuracy, ...seconds] = (["accuracy", "training", "testing", "work"] as const).map(
    (name) => outcomes.reduce((sum, outcome) => sum + outcome[name], 0) / outcomes.length,
  );
  line("mean", accuracy.toFixed(5), ...seconds);
  const passed = outcomes.filter((outcome) => outcome.accuracy >= recipe.wanted).length;
  console.log(`at least ${recipe.wanted}: ${passed} of ${seeds.length} seeds`);
  if (accuracy < recipe.wanted && !values["held-out"]) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof HandgradError) && (error as { code?: string }).code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    throw error;
  }
  console.error((error as Error).message);
  process.exitCode = 1;
}
