// The text in which the kernels lie in the bundle: read back by hand, and as the module that it is.
import { describe, expect, it } from "vitest";
import { decode } from "../../src/backend/wasm/decode.js";
import { KERNEL_LETTERS, KERNEL_TEXT, KERNEL_VALUES } from "../../src/backend/wasm/kernels.generated.js";

describe("The text of the kernels", () => {
  it("has a letter for a frequent byte and two for another", () => {
    // Letters a, b stand for the first two bytes; c and d begin pairs: ca is the third byte, cb the fourth, da the seventh.
    const values = `00ff10aa0102${"7f".repeat(250)}`;
    expect([...decode("abcabcbdaa", "abcd", values)]).toEqual([0x00, 0xff, 0x10, 0xff, 0xaa, 0x7f, 0x00]);
  });

  it("is the WebAssembly module, in printable ASCII that no quote, template or page can break", () => {
    expect(WebAssembly.validate(decode(KERNEL_TEXT, KERNEL_LETTERS, KERNEL_VALUES))).toBe(true);
    expect(KERNEL_TEXT).toMatch(/^[ !#%&()*+,\-./0-9:;=>?@A-Z[\]^_a-z{|}~]+$/);
    expect(new Set(KERNEL_LETTERS).size).toBe(KERNEL_LETTERS.length);
  });

  it("has each of the 256 bytes once in its list of values", () => {
    const bytes = KERNEL_VALUES.match(/../g)!.map((digits) => parseInt(digits, 16));
    expect(new Set(bytes).size).toBe(256);
    expect(bytes).toHaveLength(256);
  });
});
