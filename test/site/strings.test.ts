// The pages' strings: each language has them all, with the same blanks, and no string is left over.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { en } from "../../site/src/i18n/en.js";
import { ko } from "../../site/src/i18n/ko.js";

const root = join(import.meta.dirname, "../../site/src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.startsWith("i18n"))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");
const names = Object.keys(en) as (keyof typeof en)[];
const blanks = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe("the strings", () => {
  it("Korean has the names of English, in the same order", () => {
    expect(Object.keys(ko)).toEqual(names);
  });

  it("each has the same blanks in both", () => {
    for (const name of names) expect(blanks(ko[name]), name).toEqual(blanks(en[name]));
  });

  it("Korean is Korean, and English is not", () => {
    for (const name of names) {
      // Names, numbers and formulas need no translation; a string of several English words does.
      const words = en[name].replace(/\{\w+\}/g, "");
      if (/[a-z]{3,} [a-z]{3,}/.test(words)) expect(ko[name], name).toMatch(/[가-힣]/);
      expect(en[name], name).not.toMatch(/[가-힣]/);
    }
  });

  it("every string is used", () => {
    const unused = names.filter((name) => {
      if (sources.includes(`"${name}"`)) return false;
      // t(`step.mode.${mode}`): a name may be put together from any of its parts.
      const parts = name.split(".");
      return !parts.some((_, n) => n > 0 && sources.includes(`\`${parts.slice(0, n).join(".")}.\${`));
    });
    expect(unused).toEqual([]);
  });
});
