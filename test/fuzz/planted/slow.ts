// A parser with a fault: it takes long.
import { planted } from "./base.js";

export const { target } = planted("slow", (value) => {
  const begun = performance.now();
  while (value === 77 && performance.now() - begun < 60);
});
