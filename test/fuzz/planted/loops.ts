// A parser with a fault: it does not end.
import { planted } from "./base.js";

export const { target } = planted("loops", (value) => {
  while (value === 77);
});
