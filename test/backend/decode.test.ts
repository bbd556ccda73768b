// The text in which the kernels lie in the bundle: read back by hand, and as the module that it is.
import { describe, expect, it } from "vitest";
import { decode } from "../../src/backend/wasm/runtime/decode.js";
import { KERNEL_LETTERS, KERNEL_TEXT, KERNEL_VALUES } from "../../src/backend/wasm/kernels.generated.js";

describe("The text of the kernels", () => {
  it("has a letter for a frequent byte and two for another", () => {
    // Letters a, b stand for the two bytes listed; c and d begin pairs: ca is the first other byte (00), cb the second (01),
    // da the fifth (05), db the sixth (06).
    expect([...decode("abcabcbdadb", "abcd", "02ff")]).toEqual([0x02, 0xff, 0x00, 0xff, 0x01, 0x05, 0x06]);
  });

  it("is the WebAssembly module, in printable ASCII that no quote, template or page can break", () => {
    expect(WebAssembly.validate(decode(KERNEL_TEXT, KERNEL_LETTERS, KERNEL_VALUES))).toBe(true);
    expect(KERNEL_TEXT).toMatch(/^[ !#%&()*+,\-./0-9:;=>?@A-Z[\]^_a-z{|}~]+$/);
    expect(new Set(KERNEL_LETTERS).size).toBe(KERNEL_LETTERS.length);
  });

  it("lists a byte for each letter that stands alone, none twice", () => {
    const bytes = KERNEL_VALUES.match(/../g)!.map((digits) => parseInt(digits, 16));
    expect(bytes).toHaveLength(KERNEL_LETTERS.length - 2);
    expect(new Set(bytes).size).toBe(bytes.length);
  });
});
