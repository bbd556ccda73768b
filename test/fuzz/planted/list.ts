// A parser with a fault: it makes a long list of what the file says.
import { planted } from "./base.js";

export const { target } = planted("list", (value) => value === 77 && new Array(2e7).fill(value));
