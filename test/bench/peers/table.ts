// What was measured, as lines and as a Markdown table.
import type { Work } from "./work.js";

/** Milliseconds of each round. */
export interface Rounds {
  readonly ours: number[];
  /** On vectors of 256 bits; empty where they cannot be. */
  readonly wide: number[];
  readonly theirs: number[];
  /** PyTorch with the allocator that it comes with, once. */
  untuned?: number | undefined;
  version: string;
  way?: string | undefined;
}

export interface Row extends Rounds {
  readonly name: string;
  readonly work: Work;
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

/** Ours over theirs in samples a second: of the medians, and the smallest and the largest of a round. */
export function ratioOf(mine: readonly number[], theirs: readonly number[]): string {
  if (mine.length === 0) return "-";
  const ratios = mine.map((ms, i) => theirs[i] / ms).sort((a, b) => a - b);
  const spread = `${ratios[0].toFixed(2)} .. ${ratios[ratios.length - 1].toFixed(2)}`;
  return `${(median(theirs) / median(mine)).toFixed(2)} (${spread})`;
}

function show(ms: number | undefined, { mode, model, batch }: Work): string {
  if (ms === undefined || Number.isNaN(ms)) return "-";
  if (mode === "epoch") return `${(ms / 1000).toFixed(1)} s`;
  if (mode === "start" || model === "matmul") return `${ms.toFixed(1)} ms`;
  return `${Math.round((batch / ms) * 1000).toLocaleString("en-US")}/s`;
}

function cells({ work, name, ours, wide, theirs, untuned, version, way }: Row): string[] {
  const of = (numbers: readonly number[]): string => (numbers.length === 0 ? "-" : show(median(numbers), work));
  const peer = way === undefined || way === "eager" ? version : `${version}, ${way}`;
  const asItComes = untuned === undefined ? "" : ` (${show(untuned, work)} as it comes)`;
  return [name, of(ours), of(wide), `${of(theirs)} ${peer}${asItComes}`, ratioOf(ours, theirs), ratioOf(wide, theirs)];
}

/** A row as a line for the terminal. */
export function lineOf(row: Row): string {
  const [name, mine, wide, theirs, ratio, wideRatio] = cells(row);
  return `${name.padEnd(44)} ours ${mine}  wide ${wide}  ${theirs}  ratio ${ratio}  wide ${wideRatio}`;
}

/** All rows as a table. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["work", "handgrad", "wide vectors", "peer", "ratio", "ratio, wide"];
  const lines = [head, head.map(() => "---"), ...rows.map(cells)];
  return lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
}
