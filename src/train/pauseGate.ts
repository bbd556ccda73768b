// A gate that a loop waits at while it is closed.

/** Open at first. */
export class PauseGate {
  #waiting: (() => void)[] = [];
  #closed = false;

  /** Whether those who come now have to wait. */
  get closed(): boolean {
    return this.#closed;
  }

  /** From now on they wait. */
  close(): void {
    this.#closed = true;
  }

  /** Lets all on. */
  open(): void {
    this.#closed = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves when the gate is open; at once when the signal is aborted. */
  opened(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#closed || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
