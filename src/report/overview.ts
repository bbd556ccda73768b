// The head of a report: the numbers that matter, and of several runs which was best and in what their settings differ.
import type { Json } from "../nn/config.js";
import type { Monitor } from "../train/monitor.js";
import { markup, type Html } from "./html.js";
import { bestOf, type ReadRun } from "./run.js";
import { table, type Cell } from "./table.js";
import { columnWords, duration, grouped, percent, short } from "./words.js";

/** How a run ended, in words. */
const ENDS = {
  completed: "completed",
  stopped: "stopped early",
  dryRun: "dry run",
  aborted: "aborted",
  failed: "failed",
} as const;

/** The numbers of one run as tiles. */
export function tiles(run: ReadRun, monitor: Monitor | null): Html {
  const { history, summary, gathered, ended, reason, seed } = run;
  const best = bestOf(history, monitor);
  const facts: (readonly [name: string, value: string, note: string])[] = [];
  if (best !== null && monitor !== null) {
    facts.push([`Best ${columnWords(monitor.name)}`, short(best.value), `epoch ${best.record.epoch}`]);
  }
  if (gathered !== null) {
    const right = gathered.labels.filter((label, i) => label === gathered.predicted[i]).length;
    const count = gathered.labels.length;
    facts.push(["Accuracy", percent(right / count), `${grouped(right)} of ${grouped(count)} samples right`]);
  }
  const end = ended === null ? "" : `${ENDS[ended]}${reason === "" ? "" : `: ${reason}`}`;
  facts.push(["Epochs", grouped(history.epochs.length), end]);
  const seconds = secondsOf(run);
  if (seconds !== null) facts.push(["Training time", duration(seconds), `${grouped(history.batches.length)} batches`]);
  if (summary !== null) facts.push(["Parameters", grouped(summary.totalParameters), `${summary.rows.length} layers`]);
  if (seed !== null) facts.push(["Seed", String(seed), ""]);
  return markup`
    <dl class="tiles">
      ${facts.map(
        ([name, value, note]) => markup`
        <div><dt>${name}</dt><dd><b>${value}</b>${note !== "" && markup`<span>${note}</span>`}</dd></div>
      `,
      )}
    </dl>
  `;
}

function sizeWords(bytes: number): string {
  return bytes < 1048576 ? `${short(bytes / 1024)} kB` : `${short(bytes / 1048576)} MB`;
}

function secondsOf({ history }: ReadRun): number | null {
  const seconds = history.column("seconds").filter((value) => Number.isFinite(value));
  return seconds.length === 0 ? null : seconds.reduce((a, b) => a + b);
}

/** The runs in order of their best value, with the settings that differ. */
export function runsTable(runs: readonly ReadRun[], monitor: Monitor | null): Html {
  const values = runs.map((run) => ({ run, best: bestOf(run.history, monitor) }));
  const worst = monitor?.mode === "max" ? -Infinity : Infinity;
  const sorted = [...values].sort((a, b) => {
    const [x, y] = [a.best?.value ?? worst, b.best?.value ?? worst];
    return x === y ? 0 : (monitor?.mode === "max" ? y > x : x > y) ? 1 : -1;
  });
  const names = [...new Set(runs.flatMap(({ settings }) => settings.map(([name]) => name)))];
  const differ = names.filter((name) => new Set(runs.map((run) => valueOf(run, name))).size > 1);
  const result = monitor === null ? "best" : `best ${columnWords(monitor.name)}`;
  const rows = sorted.map(({ run, best }): Cell[] => [
    run.name,
    best?.value ?? null,
    best?.record.epoch ?? null,
    run.history.epochs.length,
    secondsOf(run) === null ? "" : duration(secondsOf(run) as number),
    ...differ.map((name) => valueOf(run, name)),
  ]);
  const [first] = sorted;
  const sentence =
    first.best === null || monitor === null
      ? "There is no result by which the runs could be compared."
      : `Best is ${first.run.name}: ${columnWords(monitor.name)} ${short(first.best.value)} in epoch ${first.best.record.epoch}.`;
  const alike =
    differ.length === 0
      ? "The runs do not differ in the settings that were given."
      : "Settings that differ are behind the results.";
  return markup`
    <div class="card wide">
      <h3>Which was best</h3>
      <p class="sentence">${sentence} ${alike}</p>
      ${table("Runs by their best result", ["run", result, "epoch", "epochs", "time", ...differ], rows)}
    </div>
  `;
}

function valueOf({ settings }: ReadRun, name: string): string {
  const found = settings.find(([key]) => key === name);
  return found === undefined ? "" : settingWords(found[1]);
}

/** A setting as a text. */
export function settingWords(value: Json): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Settings, seed and how the run ended, as a table. */
export function settingsCard({ settings, seed }: ReadRun): Html | null {
  const rows = settings.map(([name, value]): Cell[] => [name, settingWords(value)]);
  if (seed !== null) rows.push(["seed", String(seed)]);
  if (rows.length === 0) return null;
  return markup`<div class="card">
    <h3>Settings</h3>
    ${table("Settings", ["setting", "value"], rows)}
  </div>`;
}

/** The layers of a model. */
export function summaryCard({ summary }: ReadRun): Html | null {
  if (summary === null) return null;
  const rows = summary.rows.map(({ name, path, outputShape, parameters }): Cell[] => {
    return [name, path, outputShape.join(" x "), grouped(parameters)];
  });
  const sentence =
    `${grouped(summary.totalParameters)} parameters (${sizeWords(summary.parameterBytes)}); a sample takes ` +
    `${sizeWords(summary.inputBytes)} and its pass forth and back ${sizeWords(summary.passBytes)}.`;
  return markup`
    <div class="card">
      <h3>Layers</h3>
      <p class="sentence">${sentence}</p>
      ${table("Layers", ["layer", "name", "output", "parameters"], rows)}
    </div>
  `;
}
