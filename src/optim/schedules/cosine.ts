// The wave of the cosine schedules.
import { cos } from "../../numbers/trig.js";

const PI = 3.141592653589793;

/** 1 + cos(pi x): from 2 at x = 0 down to 0 at x = 1, and up again to 2 at x = 2. */
export function wave(x: number): number {
  return 1 + cos(PI * x);
}
