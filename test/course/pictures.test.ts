// The pictures of the course are those that its script draws from our own traces.
import { readFileSync, readdirSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { lessons12 } from "../../course/pictures/lessons12.js";
import { lessons345 } from "../../course/pictures/lessons345.js";
import { number } from "../../course/pictures/svg.js";

// Course and examples import "handgrad". Here that is src: one Tensor class, and nothing to build.
vi.mock("handgrad", () => import("../../src/index.js"));

const folder = new URL("../../docs/course/pictures/", import.meta.url);
const drawn = { ...lessons12(), ...lessons345() };

it("Every picture in docs/course/pictures is one that is drawn (npm run course:pictures)", () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(drawn).map((name) => `${name}.svg`).sort()); // prettier-ignore
});

it.each(Object.entries(drawn))("%s.svg is up to date (npm run course:pictures)", (name, svg) => {
  expect(readFileSync(new URL(`${name}.svg`, folder), "utf8")).toBe(svg);
});

it("A picture has a ground and colors of its own for light and for dark, a title, and nothing from elsewhere", () => {
  for (const svg of Object.values(drawn)) {
    expect(svg).toContain('<rect class="ground"');
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    expect(svg).toMatch(/<title>[^<]+<\/title>/);
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|NaN|undefined|<script/);
  }
});

it("Lessons 1 to 5: the pictures show the lessons' numbers", () => {
  const shows = (name: string, numbers: readonly number[]): void => {
    for (const value of numbers) expect(drawn[name]).toContain(`>${number(value)}<`);
  };
  shows("1-sharpen", [-1, 2]);
  shows("2-correlation", [48, 57, 24, 25, 16, 39]);
  shows("2-same", [34, 51, 48, 57, 24, 25, 16, 39, 29, 13]);
  shows("3-input-gradient", [4, 7, 2, 3]);
  expect(drawn["3-parameters"]).toContain(">61,100,840<");
  expect(drawn["3-parameters"]).toContain(">138,357,544<");
  expect(drawn["3-parameters"]).toContain(">11,689,512<");
  shows("4-convolution", [10, 13, 19, 22]);
  shows("4-weight-gradient", [37, 47, 67, 77]);
  shows("5-filter", [8, 9, 6, 5]);
});
