// The pages of the course: English and Korean say the same, as far as a program can see, and name every exercise and picture.
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { exercises } from "../../course/checks/all.js";

// Course and examples import "handgrad". Here that is src: one Tensor class, and nothing to build.
vi.mock("handgrad", () => import("../../src/index.js"));
vi.mock("handgrad/data", () => import("../../src/entries/data.js"));

const folder = new URL("../../docs/course/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]);

/** The code of a page without comments and texts in backquotes, which are translated. */
function code(page: string): string[] {
  return all(page, /^```ts[^\n]*\n([\s\S]*?)^```$/gm).map((block) =>
    block.replace(/\/\/ [^\n]*[^\n\d[\].,: -][^\n]*/g, "").replace(/`[^`]*`/g, "``"),
  );
}

/** The results that comments show: numbers and lists, up to the first remark. */
const results = (page: string): string[] =>
  all(page, /; \/\/ (-?[\d[][-\d[\], .]*|true|false)/g).map((shown) => shown.trim());

it("Both languages have the same pages", () => {
  const names = (language: string): string[] => readdirSync(new URL(`${language}/`, folder)).sort();
  expect(names("ko")).toEqual(names("en"));
  expect(names("en")).toEqual(["index.md", ...[1, 2, 3, 4, 5].map((n) => `lesson-${n}.md`), "teacher.md"]);
});

describe.each([1, 2, 3, 4, 5])("Lesson %i", (number) => {
  const [english, korean] = ["en", "ko"].map((language) => read(`${language}/lesson-${number}.md`));

  it("has the same code in both languages, but for comments", () => {
    expect(code(english).length).toBeGreaterThan(3);
    expect(code(korean)).toEqual(code(english));
    expect(results(korean)).toEqual(results(english));
  });

  it("has the same sections, pictures and links in both languages", () => {
    for (const pattern of [/^(#+) /gm, /!\[[^\]]*\]\(([^)]*)\)/g, /\]\((\.\.\/\.\.\/[^)]*)\)/g]) {
      expect(all(korean, pattern)).toEqual(all(english, pattern));
    }
  });

  it("describes its pictures in the language of the page", () => {
    for (const text of all(korean, /!\[([^\]]*)\]/g)) expect(text).toMatch(/[가-힣]/);
    for (const text of all(english, /!\[([^\]]*)\]/g)) expect(text.length).toBeGreaterThan(20);
  });

  it("names its five exercises, its test, and its page in the other language", () => {
    const own = exercises.filter(({ id }) => id.startsWith(`${number}.`));
    expect(own).toHaveLength(5);
    for (const [page, other] of [
      [english, "ko"],
      [korean, "en"],
    ]) {
      for (const { id, name } of own) expect(page).toContain(`**${id} \`${name}\`.**`);
      expect(page).toContain(`(../${other}/lesson-${number}.md)`);
      expect(page).toContain(`(../../../test/lessons/lesson-${number}.test.ts)`);
      expect(page).toContain(`npm run course -- ${number}`);
    }
  });
});

it("Every picture is shown in a lesson", () => {
  const lessons = [1, 2, 3, 4, 5].map((number) => read(`en/lesson-${number}.md`)).join("");
  for (const name of readdirSync(new URL("pictures/", folder))) expect(lessons).toContain(`../pictures/${name}`);
});

it("The glossary has five columns, each filled, in the order of the English words, none twice", () => {
  const rows = read("glossary.md").split("\n").filter((line) => line.startsWith("| ")); // prettier-ignore
  const cells = rows.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
  expect(cells.length).toBeGreaterThan(60);
  for (const row of cells) {
    expect(row).toHaveLength(5);
    for (const cell of row) expect(cell).not.toBe("");
    expect(row[1]).toMatch(/[가-힣]/);
    expect(row[4]).toMatch(/^[1-5](, [1-5])?$/);
  }
  const words = cells.map(([english]) => english);
  expect(words).toEqual([...words].sort((a, b) => a.localeCompare(b, "en")));
  expect(new Set(words).size).toBe(words.length);
});

it("Korean text has no emphasis that Markdown does not see: a closing star between a bracket and a particle", () => {
  for (const name of readdirSync(new URL("ko/", folder))) {
    expect(read(`ko/${name}`).match(/[)\].,"!?`]\*+[가-힣]/g) ?? []).toEqual([]);
  }
});
