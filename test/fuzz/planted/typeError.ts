// A parser with a fault: it throws an error of JavaScript's own.
import { planted } from "./base.js";

export const { target } = planted("typeError", (value) => value === 77 && (undefined as unknown as string).length);
