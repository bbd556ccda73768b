// What the site's build makes: formulas that need no style, and files of digits that are IDX files.
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { cutIdx, makeFiles } from "../../site/build/digits.js";
import { readFormulas } from "../../site/build/formulas.js";
import { imagesFromIdx, labelsFromIdx, parseIdx } from "../../src/data/idx.js";

describe("the site's build", () => {
  it("sets every formula as MathML that a strict policy allows", () => {
    const formulas = Object.entries(readFormulas());
    expect(formulas.length).toBeGreaterThan(20);
    for (const [name, math] of formulas) {
      expect(math, name).toMatch(/^<math /);
      expect(math, name).not.toMatch(/style=|class="katex-error"|<script/);
    }
  });

  it("cuts the first entries out of an IDX file", () => {
    const idx = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 10, 11, 20, 21, 30, 31);
    const cut = parseIdx(cutIdx(idx, 2));
    expect([...cut.shape]).toEqual([2, 1, 2]);
    expect([...cut.data]).toEqual([10, 11, 20, 21]);
    expect(idx[7]).toBe(3);
  });

  it("makes digits to learn from and others to test on, all classes among them", () => {
    const files = makeFiles();
    for (const [part, count] of [["train", 12_000], ["test", 2_000]] as const) {
      const images = imagesFromIdx(parseIdx(gunzipSync(files[`digits/${part}-images.gz`])));
      const labels = labelsFromIdx(parseIdx(gunzipSync(files[`digits/${part}-labels.gz`])));
      expect([images.shape[0], labels.length]).toEqual([count, count]);
      for (let digit = 0; digit < 10; digit++) expect(labels.filter((label) => label === digit).length).toBeGreaterThan(count / 13);
    }
  }); // prettier-ignore
});
