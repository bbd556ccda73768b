// Lets others run: a page draws and takes clicks, a server answers. By time and not by batch, and by a message to itself, never
// by a timer: browsers hold those up, by 4 ms each and in pages at the back by a second. Nor by the page's scheduler.yield: it puts
// whoever yields before all others, so that in Chromium no timer and no answer of a fetch came through for a whole training, and one frame
// in five.

/** What runtimes have for that. */
interface Host {
  readonly setImmediate?: (work: () => void) => unknown;
}

let waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

/** Resolves after others have had their turn. */
export function giveWay(): Promise<void> {
  const { setImmediate: immediate } = globalThis as Host;
  if (immediate !== undefined) return new Promise((resolve) => void immediate(resolve)); // Node, Bun, Deno
  return new Promise((resolve) => {
    if (channel === undefined) {
      channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const turn = waiting;
        waiting = [];
        for (const work of turn) work();
      };
    }
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

/** Gives way when it has worked for long enough. */
export class Breath {
  #last = performance.now();

  /** @param every milliseconds of work between two breaths */
  constructor(readonly every: number) {}

  /** Whether it is time. */
  get due(): boolean {
    return performance.now() - this.#last >= this.every;
  }

  /** Gives way now. */
  async take(): Promise<void> {
    await giveWay();
    this.#last = performance.now();
  }
}
