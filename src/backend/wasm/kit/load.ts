// Brings the kit's module in, for this thread and the others, when one of its kernels is first called.
import { addModule } from "../runtime/instance.js";
import { tellThreads } from "../runtime/jobs.js";
import { KERNEL_LETTERS, KERNEL_TEXT, KERNEL_VALUES } from "./kernels.generated.js"; // by name: else a bundle keeps them, used or not

let loaded = false;

/** Called before each call of a kernel of the kit. */
export function load(): void {
  if (loaded) return;
  tellThreads([addModule({ KERNEL_TEXT, KERNEL_LETTERS, KERNEL_VALUES })]);
  loaded = true;
}
