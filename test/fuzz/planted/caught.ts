// A parser with a fault: it hides that it asked for too much.
import { planted } from "./base.js";

export const { target } = planted("caught", (value) => {
  try {
    return value === 77 && Buffer.alloc(1e12);
  } catch {
    return undefined;
  }
});
