// Copies of this package in one realm: as ESM and as CommonJS, or in a bundle and beside it. Each has kernels, memory and
// threads of its own, so setThreads of one does nothing for the models of another; backendInfo of the other says so.
// Only the entry handgrad/threads needs this file; what every copy asks is in jobs.ts.
import { REALM, setThreadReason, type Tell } from "./jobs.js";

const scope = globalThis as { [REALM]?: Tell };
let note: string | undefined;

/** Tells the other copies of the threads of this one. Called by setThreads only: importing alone leaves no trace. */
export function tellCopies(text: string): void {
  if (note === undefined) {
    const before = scope[REALM];
    scope[REALM] = (reason, copy) => {
      const told = before === undefined ? reason : before(reason, copy);
      return copy === setThreadReason ? told : `${told}${note}`;
    };
  }
  note = text;
}
