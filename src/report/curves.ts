// The curves of one run or of several: each result by epoch, and loss, learning rate and norm of the gradients by step.
import { envelope } from "./envelope.js";
import type { Html } from "./html.js";
import { lineChart, type Line } from "./lineChart.js";
import { bestOf, type ReadRun } from "./run.js";
import type { Monitor } from "../train/monitor.js";
import type { Cell } from "./table.js";
import type { Tools } from "./tools.js";
import { capital, columnOf, columnWords, curveWords, isLowBest, type Points } from "./words.js";

const NO_RESULTS = /^(epoch|batches|samples|seconds|lr\d*)$/;
const STRETCHES = 150; // of a long curve: more would not be seen

/** A chart for each result, validation and training together; the one that decides comes first. */
export function epochCharts(tools: Tools, runs: readonly ReadRun[], monitor: Monitor | null): Html[] {
  const columns = [...new Set(runs.flatMap(({ history }) => history.columns))].filter((name) => {
    return (
      !NO_RESULTS.test(name) &&
      runs.some(({ history }) => history.epochs.some((record) => typeof record[name] === "number"))
    );
  });
  const results = [...new Set(["loss", ...columns.map((name) => columnOf(name).result)])];
  const first = monitor === null ? "" : columnOf(monitor.name).result;
  results.sort((a, b) => Number(b === first) - Number(a === first));
  return results
    .map((result) => columns.filter((name) => columnOf(name).result === result))
    .filter((names) => names.length > 0)
    .map((names) => epochChart(tools, runs, names, monitor));
}

function epochChart(tools: Tools, runs: readonly ReadRun[], names: readonly string[], monitor: Monitor | null): Html {
  const { result } = columnOf(names[0]);
  const extreme = isLowBest(result) ? "lowest" : "highest";
  const drawn = runs.flatMap((run, r) =>
    [...names]
      .sort((a, b) => rankOf(a) - rankOf(b))
      .flatMap((name, n) => {
        const points: Points = run.history
          .column(name)
          .map((value, i) => [run.history.epochs[i].epoch, value] as const);
        if (!points.some(([, value]) => !Number.isNaN(value)) && !run.history.columns.includes(name)) return [];
        const best = name === monitor?.name ? bestOf(run.history, monitor) : null;
        const words = runs.length > 1 ? `${run.name}: ${columnWords(name)}` : columnWords(name);
        const line: Line = {
          name: words,
          points,
          color: runs.length > 1 ? r : n,
          stroke: (["solid", "dashed", "dotted"] as const)[Math.min(n, 2)],
          rings: best === null ? [] : [best.record.epoch],
        };
        return [
          { line, sentence: curveWords(runs.length > 1 ? words : capital(words), points, "epoch", extreme), rank: n },
        ];
      }),
  );
  const lines = drawn.map(({ line }) => line);
  const epochs = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  // Of several runs only what was measured on data that they did not learn from, or the sentence would have no end.
  const told = runs.length > 1 ? drawn.filter(({ rank }) => rank === 0) : drawn;
  return lineChart(tools, {
    title: `${capital(result)} by epoch`,
    lines,
    xLabel: "epoch",
    sentence: told.map(({ sentence }) => sentence).join(" "),
    tableHead: ["epoch", ...lines.map(({ name }) => name)],
    tableRows: epochs.map((epoch): Cell[] => [epoch, ...lines.map((line) => valueAt(line, epoch))]),
    log: false,
    follows: runs.length === 1,
  });
}

function rankOf(name: string): number {
  return ["validation", "training", "running training", ""].indexOf(columnOf(name).of);
}

function valueAt({ points }: Line, at: number): number | null {
  return points.find(([place]) => place === at)?.[1] ?? null;
}

/** What the batches say: loss, learning rate, norm of the gradients; the learning rate by epoch where there are no batches. */
export function batchCharts(tools: Tools, runs: readonly ReadRun[]): Html[] {
  const charts = [
    batchChart(tools, runs, "loss", "Loss of the batches", "loss of a batch"),
    batchChart(tools, runs, "lr", "Learning rate", "learning rate"),
    batchChart(tools, runs, "gradNorm", "Norm of the gradients", "norm of the gradients"),
  ];
  if (charts[1] === null) charts[1] = rateByEpoch(tools, runs);
  return charts.filter((chart) => chart !== null);
}

type Column = "loss" | "lr" | "gradNorm";

function batchChart(tools: Tools, runs: readonly ReadRun[], column: Column, title: string, words: string): Html | null {
  const series = runs.map(({ name, history }) => {
    const rows = history.batches
      .map((record, i) => ({ at: i + 1, value: record[column] }))
      .filter(({ value }) => value !== null);
    const stretches = envelope(rows.map(({ value }) => value as number), STRETCHES); // prettier-ignore
    const isWhole = stretches.length === rows.length;
    const place = (from: number, to: number): number => (rows[from - 1].at + rows[to - 1].at) / 2;
    const line: Line = {
      name: runs.length > 1 ? `${name}: ${words}` : words,
      points: stretches.map(({ from, to, mean }) => [place(from, to), mean]),
      color: 0,
      ...(!isWhole &&
        column !== "lr" && {
          band: stretches.map(({ from, to, lowest, highest }) => [place(from, to), lowest, highest]),
        }),
    };
    return { line, rows, stretches, isWhole };
  });
  if (series.every(({ rows }) => rows.length === 0)) return null;
  const values = series.flatMap(({ rows }) => rows.map(({ value }) => value as number));
  const several = series.length > 1;
  const sentences = series.map(({ line, rows }) => {
    const points: Points = rows.map(({ at, value }) => [at, value as number]);
    return curveWords(several ? line.name : capital(words), points, "batch", column === "loss" ? "lowest" : "highest");
  });
  const isCut = series.some(({ isWhole }) => !isWhole);
  if (isCut) sentences.push(`Long curves are drawn in ${STRETCHES} stretches.`);
  const rows = series.flatMap(({ line, rows: all, stretches }) =>
    stretches.map(({ from, to, mean, lowest, highest, lost }): Cell[] => {
      const batches = from === to ? String(all[from - 1].at) : `${all[from - 1].at} to ${all[to - 1].at}`;
      return [batches, ...(several ? [line.name] : []), mean, lowest, highest, lost];
    }),
  );
  return lineChart(tools, {
    title,
    lines: series.map(({ line }, r) => ({ ...line, color: r })),
    xLabel: "batch, counted from the start of the run",
    sentence: sentences.join(" "),
    tableHead: ["batches", ...(several ? ["run"] : []), "mean", "lowest", "highest", "not finite"],
    tableRows: rows,
    log: spans(values),
  });
}

function rateByEpoch(tools: Tools, runs: readonly ReadRun[]): Html | null {
  const lines = runs
    .map(({ name, history }, r): Line => {
      const points: Points = history.column("lr").map((lr, i) => [history.epochs[i].epoch, lr] as const);
      return { name: runs.length > 1 ? `${name}: learning rate` : "learning rate", points, color: r };
    })
    .filter(({ points }) => points.some(([, lr]) => Number.isFinite(lr)));
  if (lines.length === 0) return null;
  return lineChart(tools, {
    title: "Learning rate",
    lines,
    xLabel: "epoch (the rate of its last step)",
    sentence: lines
      .map(({ name, points }) => curveWords(runs.length > 1 ? name : capital(name), points, "epoch", "highest"))
      .join(" "),
    tableHead: ["epoch", "run", "learning rate"],
    tableRows: lines.flatMap(({ name, points }) => points.map(([epoch, lr]): Cell[] => [String(epoch), name, lr])),
    log: spans(lines.flatMap(({ points }) => points.map(([, lr]) => lr))),
  });
}

// Whether numbers are so far apart that a plain axis would hide the small ones.
function spans(values: readonly number[]): boolean {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), 0);
  return low > 0 && high / low > 50;
}
