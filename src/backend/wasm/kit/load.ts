// Brings the kit's module in, for this thread and the others, when one of its kernels is first called.
import { addModule } from "../runtime/instance.js";
import { tellThreads } from "../runtime/jobs.js";
import * as kernels from "./kernels.generated.js";

let loaded = false;

/** Called before each call of a kernel of the kit. */
export function load(): void {
  if (loaded) return;
  tellThreads([addModule(kernels)]);
  loaded = true;
}
