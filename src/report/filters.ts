// The filters of a model's first convolution, as pictures.
import type { Html } from "./html.js";
import type { Pictures } from "./pictures.js";
import type { ReadRun } from "./run.js";

/** The card; null for a model without a convolution. */
export function filtersCard(_run: ReadRun, _prefix: string, _pictures: Pictures): Html | null {
  return null;
}
