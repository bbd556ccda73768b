// Words and shades of a confusion matrix, for the report as it is written and for the script in it, which changes them.

import type { MatrixView } from "./data.js";

/** How strongly a cell is shaded, 0 to 10: by the square root of its share of the row, so that few mistakes are seen, too. */
export function shade(count: number, ofRow: number): number {
  return count === 0 ? 0 : Math.max(1, Math.round(10 * Math.sqrt(count / ofRow)));
}

/** What a cell says; the number as it stands in the cell, because who speaks to a page says what is to be seen. */
export function cellWords(actual: string, predicted: string, count: number): string {
  const times = `${grouped(count)} ${count === 1 ? "time" : "times"}`;
  return actual === predicted ? `${actual} recognized ${times}` : `${actual} taken for ${predicted} ${times}`;
}

/**
 * What a matrix says in one sentence: the share that is right, and the mistake that is made most often, which may be among some of the
 * classes.
 */
export function matrixWords(
  names: readonly string[],
  { cells, right, total }: Pick<MatrixView, "cells" | "right" | "total">,
  areAll: boolean,
): string {
  const size = names.length;
  let most = -1;
  for (let i = 0; i < cells.length; i++) {
    if (i % (size + 1) !== 0 && cells[i] > 0 && (most < 0 || cells[i] > cells[most])) most = i;
  }
  const share = `${grouped(right)} of ${grouped(total)} are right (${percent(right / total)}).`;
  if (most < 0) return share;
  const words = cellWords(names[Math.floor(most / size)], names[most % size], cells[most]);
  return `${share} The most frequent mistake${areAll ? "" : " among these classes"}: ${words}.`;
}

/** 1234567 as "1,234,567". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 0.9873 as "98.7 %"; never 100 % for less than all. */
export function percent(share: number): string {
  const rounded = Math.round(share * 1000) / 10;
  const honest = share < 1 && rounded === 100 ? 99.9 : share > 0 && rounded === 0 ? 0.1 : rounded;
  return `${honest.toFixed(1)} %`;
}
