// A worker of the fuzz harness: plain JavaScript that can load the TypeScript beside it.
import { register } from "tsx/esm/api";

register();
await import("./work.ts");
