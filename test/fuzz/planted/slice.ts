// A parser with a fault: it copies again and again.
import { planted } from "./base.js";

export const { target } = planted("slice", (value, bytes) => {
  for (let i = 0; i < value; i++) bytes.slice();
});
