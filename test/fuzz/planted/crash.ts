// A parser with a fault: it fills the heap.
import { planted } from "./base.js";

export const { target } = planted("crash", (value) => {
  const kept: unknown[] = [];
  while (value === 77) kept.push(new Array(1e5).fill(kept.length));
});
