// Which tensors of a file are read, and what becomes of those that cannot be: common to files of several tensors.
import { nearestHint, show } from "../base/check.js";
import { ArgumentError, FormatError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import type { DecodeOptions } from "./numbers.js";

/** Options of readers of files with several tensors. */
export interface ChooseOptions extends DecodeOptions {
  /** Names of the tensors that are read; each must be in the file and of numbers. Default: all that are of numbers. */
  readonly names?: readonly string[];
}

/** Whether a name is chosen; throws for a choice that is none of the file's names. */
export function chosenOf(who: string, names: unknown, known: readonly string[]): (name: string) => boolean {
  if (names === undefined) return () => true;
  if (!Array.isArray(names)) {
    throw new ArgumentError(`${who}: expected names as a list such as ["0.weight"], got ${show(names)}.`);
  }
  const [all, chosen] = [new Set<unknown>(known), new Set<unknown>(names)];
  for (const name of chosen) {
    if (all.has(name)) continue;
    const hint = typeof name === "string" ? nearestHint(name, known) : "";
    throw new ArgumentError(`${who}: expected names of the file's tensors, got ${show(name)}${hint || "."}`);
  }
  return (name) => chosen.has(name);
}

/** The tensors by name; who asks for one that was skipped is told why. (A loop over the names does not meet it.) */
export function withSkipped(
  tensors: Record<string, Tensor>,
  skipped: Readonly<Record<string, string>>,
): Record<string, Tensor> {
  for (const [name, reason] of Object.entries(skipped)) {
    const get = (): never => {
      throw new FormatError(reason);
    };
    Object.defineProperty(tensors, name, { get });
  }
  return tensors;
}
