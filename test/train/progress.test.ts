// progress: one line an epoch in a log, a bar with the time left in a terminal.
import { describe, expect, it } from "vitest";
import { accuracy } from "../../src/index.js";
import { fit, progress, type ProgressOptions } from "../../src/entries/train.js";
import { make } from "./support.js";

async function said(options: ProgressOptions, epochs: number, stop: boolean = false): Promise<string> {
  let text = "";
  const { model, optimizer, data, validation } = make();
  const write = (part: string): void => void (text += part);
  const callbacks = [progress({ write, ...options }), { onEpochEnd: (run: { stop(reason: string): void }) => void (stop && run.stop("that is enough")) }]; // prettier-ignore
  await fit(model, data, { optimizer, epochs, validation, metrics: { accuracy }, callbacks });
  return text;
}

describe("progress", () => {
  it("writes one line an epoch where there is no terminal, and which one was best", async () => {
    const lines = (await said({}, 3)).split("\n");
    const number = String.raw`(\d+\.\d{4}|\d\.\d\de-\d)`;
    [1, 2, 3].forEach((epoch, i) => {
      const names = ["runningLoss", "runningAccuracy", "valLoss", "valAccuracy"].map((name) => `${name} ${number}`);
      expect(lines[i]).toMatch(new RegExp(`^epoch ${epoch}/3  ${names.join("  ")}  \\d+\\.\\d s$`));
    });
    expect(lines[3]).toMatch(new RegExp(`^best: epoch \\d, valLoss ${number}$`));
    expect(lines.slice(4)).toEqual([""]);
    expect(await said({}, 3, true)).toContain("\nstopped: that is enough\nbest: epoch 1,");
  });

  it("draws a bar in a terminal, which the line of the epoch takes the place of", async () => {
    const text = await said({ terminal: true, width: 8 }, 2);
    const parts = text.split("\r\u001b[K");
    expect(parts[0]).toBe("");
    expect(parts[1]).toMatch(/^epoch 1\/2 \[==\.\.\.\.\.\.\] 1\/4 {2}loss \d\.\d{4} {2}[\d,]+ samples\/s {2}\d\d:\d\d left$/);
    expect(parts.some((part) => part.startsWith("epoch 1/2  runningLoss"))).toBe(true);
  }); // prettier-ignore

  it("refuses odd options", () => {
    expect(() => progress({ write: console as never })).toThrow("progress: expected write to be a function of a text");
    expect(() => progress({ widht: 3 } as never)).toThrow('unknown option "widht", did you mean "width"?');
  });
});
