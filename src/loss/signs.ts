// Targets that are 1 or -1: alike or different.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";

/** Throws unless all of these are 1 or -1. */
export function checkSigns(who: string, signs: ArrayLike<number>): void {
  for (let i = 0; i < signs.length; i++) {
    if (signs[i] === 1 || signs[i] === -1) continue;
    throw new ArgumentError(
      `${who}: expected targets 1 (alike) and -1 (different), got ${show(signs[i])} at index ${i}.`,
    );
  }
}
