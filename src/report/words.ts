// Numbers, names and sentences of a report, as plain text.
import { grouped } from "./page/words.js";

export { grouped, percent } from "./page/words.js";

/** Four significant digits; very small and very large numbers in powers of ten. */
export function short(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "infinity" : "-infinity";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return trimmed(value.toExponential(2));
  if (Number.isInteger(value)) return grouped(value);
  return trimmed(value.toPrecision(4));
}

function trimmed(text: string): string {
  const [digits, power] = text.split("e");
  const plain = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return power === undefined ? plain : `${plain}e${power.replace("+", "")}`;
}

/** 3725 as "1 h 2 min". */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? short(Math.round(seconds * 10) / 10) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const KINDS: readonly (readonly [prefix: string, words: string])[] = [
  ["val", "validation"],
  ["train", "training"],
  ["running", "running training"],
];

/** What a column of a history is about: of which data, and which result. */
export function columnOf(name: string): { readonly of: string; readonly result: string } {
  const kind = KINDS.find(([prefix]) => name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length)));
  if (kind === undefined) return { of: "", result: name };
  const rest = name.slice(kind[0].length);
  return {
    of: kind[1],
    result: /^[A-Z][^A-Z0-9]/.test(rest) || rest.length === 1 ? rest[0].toLowerCase() + rest.slice(1) : rest,
  };
}

/** "valLoss" as "validation loss". */
export function columnWords(name: string): string {
  const { of, result } = columnOf(name);
  return of === "" ? result : `${of} ${result}`;
}

/** Points of a curve: where (an epoch, a step), and how much. */
export type Points = readonly (readonly [at: number, value: number])[];

/** Whether small values of a result are good: of losses and errors they are, of others the largest is told. */
export function isLowBest(result: string): boolean {
  return /(loss|error|mae|mse|rmse|ece|distance)$/i.test(result);
}

/**
 * A curve in one sentence: "Validation loss fell from 2.3 to 0.061; lowest in epoch 7: 0.058." What is no finite number is
 * counted, because a drawing leaves it out.
 */
export function curveWords(name: string, points: Points, unit: string, extreme: "lowest" | "highest"): string {
  const finite = points.filter(([, value]) => Number.isFinite(value));
  const lost = points.length - finite.length;
  const missing = lost === 0 ? "" : ` ${lost} of ${points.length} values ${lost === 1 ? "is" : "are"} not finite.`;
  if (finite.length === 0) return `${name} has no finite value.`;
  const [at, first] = finite[0];
  const [, last] = finite[finite.length - 1];
  if (finite.length === 1) return `${name} is ${short(first)} in ${unit} ${grouped(at)}.${missing}`;
  const best = finite.reduce((a, b) => ((extreme === "lowest" ? b[1] < a[1] : b[1] > a[1]) ? b : a));
  if (finite.every(([, value]) => value === first)) return `${name} stayed at ${short(first)}.${missing}`;
  const moved =
    short(first) === short(last)
      ? `began and ended at ${short(first)}`
      : `${last < first ? "fell" : "rose"} from ${short(first)} to ${short(last)}`;
  const found = best[1] === last ? "at the end" : `in ${unit} ${grouped(best[0])}: ${short(best[1])}`;
  return `${name} ${moved}; ${extreme} ${found}.${missing}`;
}

/** With a capital letter. */
export function capital(text: string): string {
  return text === "" ? text : text[0].toUpperCase() + text.slice(1);
}
