// Copies of this package in one realm: as ESM and as CommonJS, or in a bundle and beside it. Each has kernels, memory and
// threads of its own, so setThreads of one does nothing for the models of another; backendInfo of the other says so.
const KEY = Symbol.for("handgrad.threads");
const scope = globalThis as { [KEY]?: Map<object, string> };
const self = {};

/** Tells the other copies of the threads of this one; called by setThreads only, importing alone leaves no trace. */
export function tellCopies(note: string): void {
  (scope[KEY] ??= new Map()).set(self, note);
}

/** What the other copies have told. */
export function toldByCopies(): string {
  return [...(scope[KEY] ?? [])].map(([copy, note]) => (copy === self ? "" : note)).join("");
}
