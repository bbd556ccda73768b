// What backendInfo() says of the width of vectors, behind the reason of threads and in the way in which copies of this package talk
// to each other (copies.ts): so who does not ask for wide vectors carries nothing of it.
import { REALM, setThreadReason, type Tell } from "../runtime/jobs.js";

const scope = globalThis as { [REALM]?: Tell };
let note: string | undefined;

/** Says something of this copy's vectors from now on. */
export function setNote(text: string): void {
  if (note === undefined) {
    const before = scope[REALM];
    scope[REALM] = (reason, copy) => {
      const told = before === undefined ? reason : before(reason, copy);
      return copy === setThreadReason ? `${told}${note}` : told;
    };
  }
  note = text;
}
