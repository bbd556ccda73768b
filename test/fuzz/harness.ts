// Runs fuzz targets in worker threads, gathers their figures, and ends a thread that hangs. A file in targets/ is found by
// being there.
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { emptyReport, merge, type Failure, type Report, type Task } from "./task.js";

/** What to run. */
export interface Plan {
  /** Addresses of the targets' modules. */
  readonly targets: readonly URL[];
  /** Inputs over all targets, shared out equally unless `shares` says otherwise. */
  readonly inputs: number;
  readonly seed: number;
  /** How many inputs a target gets for each one of another target, by the name of its file. Default 1. */
  readonly shares?: Readonly<Record<string, number>>;
  /** Number of the first input of each target. Default 0. */
  readonly from?: number;
  /** Threads. Default: as many as the machine runs at once. */
  readonly jobs?: number;
  /** Milliseconds after which a thread that does not come to its next input counts as hanging. Default 30,000. */
  readonly hangMs?: number;
  /** Most megabytes of JavaScript heap of a thread. Default 512. */
  readonly heapMb?: number;
  /** Most milliseconds for one input. Default 1000. */
  readonly slowMs?: number;
  /** Told what is done, after every task. */
  readonly onProgress?: (inputs: number) => void;
}

const TASK_INPUTS = 50_000;
const LOOK_MS = 100;
const LOADING_MS = 60_000; // that a new thread may take to load a target
const WORKER = new URL("./worker.mjs", import.meta.url);

/** The targets that there are. */
export function allTargets(): URL[] {
  const folder = new URL("./targets/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => new URL(name, folder));
}

/** Name of a target's file without its ending. */
export function stemOf(target: URL): string {
  return fileURLToPath(target).replace(/^.*[\\/](.+)\.ts$/, "$1");
}

/** Runs the plan; one report for each target, in their order. */
export async function fuzz(plan: Plan): Promise<Report[]> {
  const reports = plan.targets.map((url) => emptyReport(stemOf(url)));
  const queue = tasksOf(plan);
  let done = 0;
  const runQueue = async (): Promise<void> => {
    const lane = new Lane(plan.hangMs ?? 30_000, plan.heapMb ?? 512);
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const report = await lane.run(next.task);
        reports[next.target] = merge(reports[next.target], report); // under the name of its file
        done += next.task.count;
        plan.onProgress?.(done);
      }
    } finally {
      await lane.end();
    }
  };
  await Promise.all(Array.from({ length: plan.jobs ?? availableParallelism() }, runQueue));
  return reports;
}

function tasksOf(plan: Plan): { target: number; task: Task }[] {
  const { targets, inputs, seed, from: first = 0, slowMs = 1000 } = plan;
  const tasks: { target: number; task: Task }[] = [];
  const shares = targets.map((url) => plan.shares?.[stemOf(url)] ?? 1);
  const counts = shares.map((share) => Math.floor((inputs * share) / sum(shares)));
  counts[0] += inputs - sum(counts);
  targets.forEach((url, target) => {
    const count = counts[target];
    for (let done = 0; done === 0 || done < count; done += TASK_INPUTS) {
      const from = first + done;
      const part = Math.min(TASK_INPUTS, count - done);
      tasks.push({ target, task: { url: url.href, seed, from, count: part, truncations: done === 0, slowMs } });
    }
  });
  return tasks;
}

interface Answer {
  readonly report?: Report;
  readonly fault?: string;
}

/** One worker thread after the other: a thread that hung or died is replaced by the next. */
class Lane {
  readonly #hangMs: number;
  readonly #heapMb: number;
  #worker: Worker | undefined;
  #progress = new Int32Array(new SharedArrayBuffer(8));
  #onMessage: (answer: Answer) => void = () => undefined;
  #onError: (error: unknown) => void = () => undefined;

  constructor(hangMs: number, heapMb: number) {
    this.#hangMs = hangMs;
    this.#heapMb = heapMb;
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The rest of a task after a hang or a crash is not run: the report says so by its failure and fewer inputs. */
  async run(task: Task): Promise<Report> {
    const worker = this.#start();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Report>((resolve, reject) => {
        timer = this.#watch((input) => resolve(this.#lost(task, "hang", input, `no end after ${this.#hangMs} ms`)));
        this.#onMessage = ({ report, fault }): void => {
          if (report !== undefined) resolve(report);
          else reject(new Error(`the target or the harness is wrong: ${fault}`));
        };
        this.#onError = (error): void => resolve(this.#lost(task, "crash", this.#progress[0], String(error)));
        worker.postMessage(task);
      });
    } finally {
      clearInterval(timer);
    }
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const shared = new SharedArrayBuffer(8);
    this.#progress = new Int32Array(shared);
    this.#worker = new Worker(WORKER, { workerData: shared, resourceLimits: { maxOldGenerationSizeMb: this.#heapMb } });
    this.#worker.on("message", (answer: Answer) => this.#onMessage(answer));
    this.#worker.on("error", (error) => this.#onError(error));
    return this.#worker;
  }

  // Looks whether inputs go by. Before the first one the thread is loading. Looks are counted, not time: what holds up the
  // whole machine holds up these looks, too, and is no hang.
  #watch(hung: (input: number) => void): NodeJS.Timeout {
    let seen = -1;
    let looks = 0;
    return setInterval(() => {
      const runs = Atomics.load(this.#progress, 1);
      looks = runs === seen ? looks + 1 : 0;
      seen = runs;
      if (looks * LOOK_MS > (runs === 0 ? LOADING_MS : this.#hangMs)) hung(this.#progress[0]);
    }, LOOK_MS);
  }

  #lost(task: Task, kind: Failure["kind"], input: number, message: string): Report {
    void this.end();
    const name = input < 0 ? `a truncation of seed ${-1 - input}` : `input ${input}`;
    const inputs = Math.max(0, input - task.from);
    return { ...emptyReport(""), inputs, failures: [{ kind, input: name, message, bytes: "" }] };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
