// The lines of code that the page shows: handgrad's are run here; PyTorch's were run by test/fixtures/make_site.py.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as handgrad from "../../src/index.js";
import { trace } from "../../site/src/math/trace.js";
import { handgradCode, torchCode } from "../../site/src/step/code.js";
import { fromQuery, type StepState } from "../../site/src/step/state.js";
import { QUERIES } from "./queries.js";

// Runs a module's text on our source: its import becomes an argument, what it logs is returned.
function run(code: string): unknown[] {
  const body = code.replace(/^import \{([^}]+)\} from "handgrad";$/m, "const {$1} = handgrad;");
  expect(body).not.toContain("import ");
  const logged: unknown[] = [];
  new Function("handgrad", "console", body)(handgrad, { log: (...all: unknown[]) => logged.push(...all) });
  return logged;
}

const flat = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flat) : [value as number]);

function expectTrace(s: StepState, results: readonly unknown[]): void {
  const { y, dx, dw } = trace(s, s);
  const wanted = s.op === "conv" ? [y, dx, dw] : [y, dx];
  expect(results.length).toBe(wanted.length);
  wanted.forEach((values, n) => {
    const got = flat(results[n]);
    expect(got.length).toBe(values.length);
    got.forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThan(1e-4));
  });
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/site.json", import.meta.url), "utf8")) as {
  query: string;
  code: string;
  results: unknown[];
}[];

describe("the code shown", () => {
  it.each(QUERIES)("handgrad's lines for ?%s print the numbers of the page", (query) => {
    const { state } = fromQuery(query);
    expectTrace(state, run(handgradCode(state)));
  });

  it.each(QUERIES)("PyTorch's lines for ?%s printed the numbers of the page", (query) => {
    const { state } = fromQuery(query);
    const ran = fixture.find((one) => one.query === query);
    expect(ran?.code, "run test/fixtures/make_site.sh anew").toBe(torchCode(state));
    expectTrace(state, ran!.results);
  });
});
