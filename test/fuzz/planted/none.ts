// A parser with a fault: none. It shows that the others fail by theirs.
import { planted } from "./base.js";

export const { target } = planted("none", () => undefined);
