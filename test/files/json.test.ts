// JSON from files: what JSON.parse lets pass and we do not, and texts on which a simpler reader runs out of stack or time.
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/index.js";
import { parseJson, type JsonOptions } from "../../src/files/json.js";
import { throwsExactly } from "../support/errors.js";

describe("parseJson", () => {
  it.each<[string, string, JsonOptions]>([
    ["the same name in different objects", '{"a":{"a":[{"a":1},{"a":2}]},"b":"a"}', {}],
    ["strings that look like names, brackets and numbers", '["a:","{[","-1.5e3","\\":","\\\\",{"a":"a"},"a"]', {}],
    ["a string before a colon in the next string", '["a", ":", "a", ":"]', {}],
    ["64 levels", `${"[".repeat(64)}${"]".repeat(64)}`, {}],
    ["whole numbers, true and false", '{"n":[0,12,9007199254740993],"t":true,"f":false}', { wholeNumbers: true }],
    ["any number", "[-1.5e-3,0.1,1E5]", {}],
    ["half a surrogate pair where it is asked for", '["\\ud800"]', { halfPairs: true }],
  ])("reads %s as JSON.parse does", (_, text, options) => {
    expect(parseJson("x", text, options)).toEqual(JSON.parse(text));
  });

  it.each<[string, string, string, JsonOptions]>([
    ["a name twice", '{"a":1,"b":{"a":2},"a":3}', 'the name "a" twice', {}],
    ["a name twice, once written otherwise", '{"a":1,"\\u0061"\n:3}', 'the name "a" twice', {}],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}', 'the name "__proto__" twice', {}],
    ["65 levels", "[".repeat(65), "more than 64 levels", {}],
    ["a million levels", "[".repeat(1e6), "more than 64 levels", {}],
    ["a string without an end", '["a\\"', "a string without an end", {}],
    ["half a surrogate pair", '["\\ud800"]', 'half a surrogate pair in "\\ud800"', {}],
    ["a minus", "[1,-1]", "a number that is not written as a whole one at character 3", { wholeNumbers: true }],
    ["a point", "[12.0]", "a number that is not written as a whole one at character 3", { wholeNumbers: true }],
    ["an exponent", "[true,1E2]", "a number that is not written as a whole one at character 7", { wholeNumbers: true }],
    ["bad grammar", "[1,]", "text that does not parse", {}],
  ])("refuses %s", (_, text, reason, options) => {
    throwsExactly(
      () => parseJson("x", text, { what: "a text", ...options }),
      FormatError,
      `x: expected a text, got ${reason} (the file is damaged).`,
    );
  });

  it("bears eight million escapes in one string, and as many in a string that does not end, without long searches", () => {
    const escapes = '\\"b'.repeat(8e6);
    expect(parseJson("x", `["${escapes}"]`)).toEqual(['"b'.repeat(8e6)]);
    expect(() => parseJson("x", `["${escapes}`)).toThrow("a string without an end");
    expect(() => parseJson("x", `[${"1".repeat(1e7)}`)).toThrow(FormatError);
  }, 10_000);
});
