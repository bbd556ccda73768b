// UTF-8 where a realm has no TextEncoder and TextDecoder: the same bytes, the same texts, the same refusals.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FormatError } from "../../src/index.js";
import { decodeUtf8, encodeUtf8 } from "../../src/files/utf8.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

function without<T>(work: () => T): T {
  vi.stubGlobal("TextEncoder", undefined);
  vi.stubGlobal("TextDecoder", undefined);
  try {
    return work();
  } finally {
    vi.unstubAllGlobals();
  }
}

// The text, or "refused".
function decoded(bytes: Uint8Array): string {
  try {
    return `text ${decodeUtf8("x", "a name", bytes)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toBe("x: expected a name in UTF-8, got other bytes (the file is damaged).");
    return "refused";
  }
}

describe("Without TextEncoder and TextDecoder", () => {
  it("the bytes of a text are those of the encoder", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const bytes = without(() => encodeUtf8(text));
        expect(bytes).toEqual(new Uint8Array(new TextEncoder().encode(text)));
        expect(without(() => decoded(bytes))).toBe(`text ${text}`);
      }),
    );
    expect([...without(() => encodeUtf8("%é\u{1f642}%"))]).toEqual([0x25, 0xc3, 0xa9, 0xf0, 0x9f, 0x99, 0x82, 0x25]);
  });

  it("any bytes are read, or refused, as by the decoder", () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0xc0, 0xe0, 0xed, 0xa0, 0xf4, 0x80, 0x8f, 0xbf, 0xef),
    );
    const counts = { refused: 0, text: 0 };
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 6 }).chain(({ length }) => fc.array(byte, { maxLength: length })),
        (list) => {
          const bytes = Uint8Array.from(list);
          const wanted = decoded(bytes);
          counts[wanted === "refused" ? "refused" : "text"]++;
          expect(without(() => decoded(bytes))).toBe(wanted);
        },
      ),
      { numRuns: 600 },
    );
    expect(Math.min(counts.refused, counts.text)).toBeGreaterThan(100);
    expect(without(() => decoded(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)))).toBe("text \ufeffa"); // a byte order mark is kept
  });
});
