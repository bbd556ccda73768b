// Names of checkpoints at a place: number, and metric where there is one, so that what is kept follows from the names alone.

/** Whether the best metric is the largest or the smallest. */
export type Best = "max" | "min";

/** One checkpoint of a place. */
export interface CheckpointEntry {
  /** Its name, such as "checkpoint-000012-metric-0.975.safetensors". */
  readonly name: string;
  /** Its number: 1 for the first of a run. */
  readonly number: number;
  /** The metric it was saved with, or null. */
  readonly metric: number | null;
  /** Whether it is the best of the place; the earlier one of equals is. */
  readonly best: boolean;
}

const NAME = /^checkpoint-(\d{6,15})(?:-metric-(.+))?\.safetensors$/;

/** The name of a checkpoint. */
export function nameOf(number: number, metric: number | null): string {
  return `checkpoint-${String(number).padStart(6, "0")}${metric === null ? "" : `-metric-${metric}`}.safetensors`;
}

/** What a name says, or null for the name of anything else. */
export function entryOf(name: string): CheckpointEntry | null {
  const [, digits, text] = NAME.exec(name) ?? [];
  if (digits === undefined) return null;
  const [number, metric] = [Number(digits), text === undefined ? null : Number(text)];
  return nameOf(number, metric) === name ? { name, number, metric, best: false } : null;
}

/** The best of these, the earlier one of equals; a NaN is never best. */
export function bestOf(entries: readonly CheckpointEntry[], best: Best | null): CheckpointEntry | null {
  let chosen: CheckpointEntry | null = null;
  if (best === null) return null;
  for (const entry of entries) {
    const { metric } = entry;
    if (metric === null || Number.isNaN(metric)) continue;
    const before = chosen?.metric ?? null;
    if (before === null || (best === "max" ? metric > before : metric < before)) chosen = entry;
  }
  return chosen;
}

/** Names of those, oldest first, that are neither among the last `keep` nor best. */
export function outdated(entries: readonly CheckpointEntry[], keep: number): string[] {
  const old = entries.slice(0, Math.max(0, entries.length - keep));
  return old.filter(({ best }) => !best).map(({ name }) => name);
}
