// A parser with a fault: it allocates what the file says.
import { planted } from "./base.js";

export const { target } = planted("typedArray", (value) => value === 77 && new Float32Array(300));
