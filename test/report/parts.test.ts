// The parts of a report that decide something: what is escaped, how long curves become short, and which pictures are taken.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidates, choose, type Judged } from "../../src/report/choose.js";
import { envelope } from "../../src/report/envelope.js";
import { dataBlock, markup } from "../../src/report/html.js";
import { attribute, elements, named, textOf } from "./support.js";

describe("html", () => {
  it("writes any text so that a parser reads it again, between tags and in attributes", () => {
    const texts = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(texts, (given) => {
        const page = markup`<!doctype html><title>x</title>
          <p title="${given}">${given}</p>
          <i></i>`.text;
        const [p] = named(page, "p");
        // What HTML cannot hold is replaced, and a parser makes one line break of all kinds.
        const clean = (text: string): string => text.replace(/\r\n?/g, "\n");
        expect(elements(page).map(({ tagName }) => tagName)).toEqual(["html", "head", "title", "body", "p", "i"]);
        expect(clean(attribute(p, "title") ?? "")).toBe(clean(textOf(p)));
        if (!/[^\u0020-\u007e]/.test(given)) expect(textOf(p)).toBe(given);
      }),
      { numRuns: 500 },
    );
  });

  it("replaces characters that are no text", () => {
    expect(markup`${"a\u0000b\ud800c\u001b[31m\u{1f600}"}`.text).toBe("a\ufffdb\ufffdc\ufffd[31m\u{1f600}");
  });

  it("writes data that cannot end their element, and come back as they were", () => {
    const data = { names: ["</script><img src=x onerror=alert(1)>", "<!--", "\u2028", "&lt;"] };
    const page = `<!doctype html><body>${dataBlock("d", data).text}<p>after</p>`;
    const [script] = named(page, "script");
    expect(JSON.parse(textOf(script))).toEqual(data);
    expect([named(page, "img").length, named(page, "p").length]).toEqual([0, 1]);
  });
});

describe("envelope", () => {
  it("keeps the lowest and the highest value of every stretch, and every value is in one", () => {
    const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (values, most) => {
        const stretches = envelope(values, most);
        expect(stretches.length).toBe(Math.min(values.length, most));
        let next = 1;
        for (const { from, to, lowest, highest, mean, lost } of stretches) {
          expect(from).toBe(next);
          next = to + 1;
          const part = values.slice(from - 1, to);
          const finite = part.filter(Number.isFinite);
          expect(lost).toBe(part.length - finite.length);
          expect(lowest).toBe(finite.length === 0 ? NaN : Math.min(...finite) + 0);
          expect(highest).toBe(finite.length === 0 ? NaN : Math.max(...finite) + 0);
          if (finite.length > 0) expect(mean >= lowest && mean <= highest).toBe(true);
        }
        expect(next).toBe(values.length + 1);
      }),
    );
  });

  it("gives the mean of a stretch, by hand", () => {
    expect(envelope([1, 2, 3, NaN, 7], 2)).toEqual([
      { from: 1, to: 2, lowest: 1, highest: 2, mean: 1.5, lost: 0 },
      { from: 3, to: 5, lowest: 3, highest: 7, mean: 5, lost: 1 },
    ]);
  });
});

describe("The choice of pictures", () => {
  const sample = fc.record({
    label: fc.integer({ min: 0, max: 3 }),
    predicted: fc.integer({ min: 0, max: 3 }),
    loss: fc.integer({ min: 0, max: 9 }), // with ties
  });
  const samples = fc
    .array(sample, { maxLength: 120 })
    .map((list) => list.map((each, index): Judged => ({ ...each, index, confidence: 0.5 })));

  it("is the same batch by batch as of all samples at once", () => {
    fc.assert(
      fc.property(samples, fc.nat(20), fc.nat(5), fc.integer({ min: 1, max: 30 }), (all, most, first, size) => {
        let kept: Judged[] = [];
        for (let from = 0; from < all.length; from += size) {
          kept = candidates([...kept, ...all.slice(from, from + size)], most, first);
        }
        expect(kept.length).toBeLessThanOrEqual(2 * most);
        expect(choose(kept, most, first)).toEqual(choose(all, most, first));
      }),
      { numRuns: 500 },
    );
  });

  it("takes the worst mistakes first, then the worst of every cell, and a fifth of right ones", () => {
    const of = (index: number, label: number, predicted: number, loss: number): Judged => ({
      index,
      label,
      predicted,
      loss,
      confidence: 0.5,
    });
    const wrong = [of(0, 0, 1, 9), of(1, 0, 1, 8), of(2, 0, 1, 7), of(3, 2, 1, 1), of(4, 2, 1, 0.5), of(5, 3, 1, 0.7)];
    const right = [of(6, 0, 0, 0.1), of(7, 0, 0, 0.3), of(8, 1, 1, 0.2)];
    expect(choose([...right, ...wrong], 5, 2).map(({ index }) => index)).toEqual([0, 1, 3, 5, 7]);
    expect(choose(right, 2, 2).map(({ index }) => index)).toEqual([7, 8]); // the least sure of each cell
    expect(choose(wrong, 100, 2)).toHaveLength(6);
  });
});
