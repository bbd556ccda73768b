// Giving way: by setImmediate in Node, by a message in a page, never by a timer nor by the page's scheduler, which lets nobody else on.
import { afterEach, describe, expect, it, vi } from "vitest";
import { Breath, giveWay } from "../../src/train/breath.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("giveWay", () => {
  it("lets what waits have its turn, in Node and by messages", async () => {
    for (const host of ["node", "messages"] as const) {
      const turn = new Promise<void>((resolve) => void setImmediate(resolve));
      const sent: unknown[] = [];
      if (host === "messages") {
        class Channel extends MessageChannel {
          constructor() {
            super();
            sent.push(1);
            (this.port1 as unknown as { unref(): void }).unref();
          }
        }
        vi.stubGlobal("setImmediate", undefined);
        vi.stubGlobal("scheduler", { yield: () => expect.unreachable("the scheduler") });
        vi.stubGlobal("MessageChannel", Channel);
      }
      vi.stubGlobal("setTimeout", () => expect.unreachable("a timer"));
      await Promise.all([giveWay(), giveWay(), giveWay()]);
      await giveWay();
      await turn;
      if (host === "messages") expect(sent.length).toBe(1); // one channel for all
      vi.unstubAllGlobals();
    }
  });
});

describe("Breath", () => {
  it("is due when its time is over, and then not until it is over again", async () => {
    let now = 1000;
    vi.stubGlobal("performance", { now: () => now });
    const breath = new Breath(16);
    now = 1015;
    expect(breath.due).toBe(false);
    now = 1016;
    expect(breath.due).toBe(true);
    await breath.take();
    expect(breath.due).toBe(false);
    now = 1032;
    expect(breath.due).toBe(true);
  });
});
