// State dicts: the live tensors of a model under PyTorch's names, and the checked way back in.
import { flag, knownKeys, nearestHint, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, numbersNow, revived } from "../base/tensor.js";
import { Parameter } from "./parameter.js";

/** Tensors by name, in the order of the model. */
export type StateDict = Record<string, Tensor>;

/** Options of loadStateDict. */
export interface LoadOptions {
  /** Whether every name and shape must fit. Default true. */
  readonly strict?: boolean;
}

/** What a non-strict load found. */
export interface LoadReport {
  /** Names that the model has and the entries lack. */
  readonly missing: readonly string[];
  /** Names that the entries have and the model lacks. */
  readonly unexpected: readonly string[];
  /** Names whose shapes differ: these were not loaded. */
  readonly mismatched: readonly string[];
}

type State = readonly (readonly [name: string, state: { value: Tensor }])[];

/** The live tensors by name. */
export function stateDict(state: State): StateDict {
  return Object.fromEntries(state.map(([name, { value }]) => [name, value]));
}

/** Checks everything first, then copies: after an error nothing has changed. */
export function loadStateDict(who: string, state: State, entries: StateDict, options: LoadOptions): LoadReport {
  knownKeys(who, options, ["strict"]);
  const { strict = true } = options;
  flag(who, "strict", strict);
  const { report, apply } = prepareStateDict(
    who,
    state,
    entries,
    strict,
    "load with { strict: false } to take what fits",
  );
  apply();
  return report;
}

/** The checks of {@link loadStateDict}; `apply` is the rest of the work and cannot fail. */
export function prepareStateDict(
  who: string,
  state: State,
  given: StateDict,
  strict: boolean,
  remedy: string,
): { report: LoadReport; apply: () => void } {
  const known = new Map(state);
  const entries = readEntries(who, given, known);
  const missing = [...known.keys()].filter((name) => !Object.hasOwn(entries, name));
  const unexpected = Object.keys(entries).filter((name) => !known.has(name));
  const mismatched = [...known].filter(([name, part]) => !fits(entries, name, part)).map(([name]) => name);
  const report = { missing, unexpected, mismatched };
  if (strict) refuse(who, known, entries, report, remedy);
  const copies = [...known]
    .filter(([name, part]) => Object.hasOwn(entries, name) && fits(entries, name, part))
    .map(([name, part]) => prepareCopy(part, entries[name]));
  return { report, apply: () => copies.forEach((copy) => copy()) };
}

// Shapes of unfilled parameters are known too: nothing is drawn just to be compared.
function shapeOf(part: { value: Tensor }): readonly number[] {
  return "shape" in part ? (part.shape as readonly number[]) : part.value.shape;
}

// Makes room now, so that the copy itself cannot fail.
function prepareCopy(part: { value: Tensor }, entry: Tensor): () => void {
  if (Parameter.isParameter(part)) return part.prepare(entry);
  const { value } = part;
  return () => numbersNow(value).set(numbersNow(entry));
}

function fits(entries: StateDict, name: string, part: { value: Tensor }): boolean {
  return !Object.hasOwn(entries, name) || sameShape(entries[name].shape, shapeOf(part));
}

// The tensors, also where they came through JSON.
function readEntries(who: string, entries: unknown, known: ReadonlyMap<string, unknown>): StateDict {
  if (entries === null || typeof entries !== "object" || Tensor.isTensor(entries)) {
    throw new ArgumentError(`${who}: expected an object of tensors by name, got ${show(entries)}.`);
  }
  if (entries instanceof Map) {
    throw new ArgumentError(`${who}: expected an object of tensors by name, got a Map (use Object.fromEntries(map)).`);
  }
  // A reader of files leaves out of the list what it could not read, but says why when it is asked.
  const names = [...new Set([...Object.keys(entries), ...known.keys()])].filter((name) => Object.hasOwn(entries, name));
  const tensors = names.map((name): [string, Tensor] => {
    const entry = (entries as Record<string, unknown>)[name];
    const tensor = revived(entry);
    if (Tensor.isTensor(tensor)) return [name, tensor];
    throw new ArgumentError(`${who}: expected "${name}" to be a Tensor, got ${show(entry)}.`);
  });
  return Object.fromEntries(tensors);
}

function refuse(
  who: string,
  known: ReadonlyMap<string, { value: Tensor }>,
  entries: StateDict,
  r: LoadReport,
  remedy: string,
): void {
  if (r.missing.length > 0 || r.unexpected.length > 0) {
    const [prefix] = /^[^.]+\./.exec(r.unexpected[0] ?? "") ?? [""];
    const wrapped = r.missing.length > 0 && r.missing.every((name) => r.unexpected.includes(prefix + name));
    const near = r.unexpected.length > 0 && !wrapped ? nearestHint(r.unexpected[0], [...known.keys()]) : "";
    const hint = near !== "" && r.unexpected.length > 1 ? `; the first: ${near.slice(2)}` : near;
    const parts = [
      r.missing.length > 0 ? `${r.missing.length} missing (${list(r.missing)})` : "",
      r.unexpected.length > 0 ? `${r.unexpected.length} unexpected (${list(r.unexpected)}${hint})` : "",
    ];
    throw new ArgumentError(
      `${who}: expected the model's ${known.size} names, got ` +
        `${parts.filter((part) => part !== "").join(" and ")} (${wrapped ? `rename each: name.replace("${prefix}", "")` : remedy}).`,
    );
  }
  const [name] = r.mismatched;
  const part = name === undefined ? undefined : known.get(name);
  if (part === undefined) return;
  const [wanted, got] = [shapeOf(part), entries[name].shape];
  const order = got.length === 4 ? [3, 2, 0, 1] : [1, 0]; // from TensorFlow's [KH, KW, in, out] and [in, out]
  const turned = order.every((axis, i) => got[axis] === wanted[i]) && got.length === wanted.length;
  throw new ShapeError(
    `${who}: expected "${name}" of shape ${formatShape(wanted)}, got ${formatShape(got)} ` +
      `(${turned ? `from TensorFlow: permute(${formatShape(order)})` : remedy}).`,
  );
}

function list(names: readonly string[]): string {
  return names.slice(0, 4).join(", ") + (names.length > 4 ? ", ..." : "");
}
