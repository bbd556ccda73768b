// Files that carry more than numbers: the rest of the file is not lost, nothing is passed over in silence, and a choice of names
// reads these and no more.
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError, Linear, Sequential, Tensor } from "../../src/index.js";
import { labelsFromIdx, readIdx } from "../../src/entries/data.js";
import { decodeCheckpoint, decodeSafetensors, encodeNpy, encodeSafetensors, loadModel } from "../../src/entries/io.js";
import { decodeNpz, encodeNpz } from "../../src/entries/npz.js";
import { throwsExactly } from "../support/errors.js";
import { safetensorsFile } from "../support/safetensors.js";
import { strangers, type Stranger } from "../support/strangers.js";

interface Read {
  readonly tensors: Record<string, Tensor>;
  readonly dtypes: Record<string, string>;
  readonly skipped: Readonly<Record<string, string>>;
}

const FORMATS: readonly (readonly [start: string, decode: (bytes: Uint8Array, options?: object) => Read])[] = [
  ["npz", decodeNpz],
  ["safetensors", decodeSafetensors],
];
const FILES = FORMATS.flatMap(([start, decode]) => strangers(start).map((file) => [file.name, file, decode] as const));

function expectRead({ tensors, dtypes, skipped }: Read, file: Pick<Stranger, "tensors" | "skipped">): void {
  expect(Object.keys(tensors)).toEqual(Object.keys(file.tensors));
  expect(Object.keys(dtypes)).toEqual(Object.keys(file.tensors));
  for (const [name, numbers] of Object.entries(file.tensors)) expect([...tensors[name].data]).toEqual(numbers);
  expect(Object.keys(skipped).sort()).toEqual([...file.skipped].sort());
  for (const [name, reason] of Object.entries(skipped)) throwsExactly(() => tensors[name], FormatError, reason);
}

describe("A file with more than numbers", () => {
  it.each(FILES)("gives its tensors, and the reason for the rest where it is asked for: %s", (_, file, decode) => {
    expectRead(decode(file.bytes), file);
  });

  it.each(FILES)(
    "gives the chosen tensors, and refuses to choose the rest: %s",
    (_, { bytes, tensors, skipped }, decode) => {
      for (const name of Object.keys(tensors)) {
        expectRead(decode(bytes, { names: [name] }), { tensors: { [name]: tensors[name] }, skipped: [] });
      }
      expectRead(decode(bytes, { names: [] }), { tensors: {}, skipped: [] });
      for (const name of skipped) {
        throwsExactly(() => decode(bytes, { names: [name] }), FormatError, decode(bytes).skipped[name]);
      }
    },
  );

  it("says what is not read", () => {
    const reasons = Object.fromEntries(FILES.flatMap(([, { bytes }, decode]) => Object.entries(decode(bytes).skipped)));
    const descr = "expected descr to be < or > with f2, f4, f8, b1, i1, i2, i4, i8, u1, u2, u4, u8, got";
    const save = "(save array.astype('float32') instead).";
    const types = "expected dtype F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, BOOL, got";
    const convert = "(convert it to F16 or F32 where it was made).";
    expect(reasons).toEqual({
      names: `decodeNpz: array "names": ${descr} "<U5", which is text ${save}`,
      raw: `decodeNpz: array "raw": ${descr} "|S2", which is bytes ${save}`,
      when: `decodeNpz: array "when": ${descr} "<M8[D]", which is dates ${save}`,
      wave: `decodeNpz: array "wave": ${descr} "<c16", which is complex numbers ${save}`,
      rows:
        'decodeNpz: array "rows": expected a text, True, False or a tuple of whole numbers in the header, got "[(\'a\', ' +
        "'<i4'), ('b',\" at character 10.",
      things: `decodeNpz: array "things": ${descr} "|O", which is pickled Python objects, which can run code ${save}`,
      nothing: `decodeNpz: array "nothing": ${descr} "<U1", which is text ${save}`,
      "README.txt": 'decodeNpz: expected members named *.npy, got "README.txt".',
      "meta/config.json": 'decodeNpz: expected members named *.npy, got "meta/config.json".',
      npy: 'decodeNpz: expected members named *.npy, got "npy".',
      scaled_fp8: `decodeSafetensors: tensor "scaled_fp8": ${types} "F8_E4M3" ${convert}`,
      w8: `decodeSafetensors: tensor "w8": ${types} "F8_E5M2" ${convert}`,
      half: `decodeSafetensors: tensor "half": ${types} "F4" ${convert}`,
      z: `decodeSafetensors: tensor "z": ${types} "C64" ${convert}`,
    });
  });

  it("says the reason where a state dict needs what is not read, and loads without it else", () => {
    const model = new Sequential(["names", new Linear(1, 1)]);
    const archive = (name: string): Record<string, Tensor> =>
      decodeNpz(
        zipSync({
          "names.weight.npy": encodeNpy(new Tensor([[7]])),
          [`${name}.npy`]: encodeNpy(new Tensor([8])).map((byte, i) => (i === 22 ? 0x55 : byte)), // <f4 becomes <U4
        }),
      ).tensors;
    expect(() => model.loadStateDict(archive("names.bias"))).toThrow(
      /array "names.bias": expected descr .* which is text/,
    );
    expect(model.loadStateDict(archive("other"), { strict: false }).missing).toEqual(["names.bias"]);
    expect(model.parameters()[0].value.item()).toBe(7);
  });

  it.each(FORMATS)("has names that the choice must be among: %s", (start, decode) => {
    const bytes =
      start === "npz" ? encodeNpz({ "0.weight": new Tensor([1]) }) : encodeSafetensors({ "0.weight": new Tensor([1]) });
    const who = start === "npz" ? "decodeNpz" : "decodeSafetensors";
    for (const [names, message] of [
      ["0.weight", 'expected names as a list such as ["0.weight"], got "0.weight".'],
      [null, 'expected names as a list such as ["0.weight"], got null.'],
      [["0.weigth"], 'expected names of the file\'s tensors, got "0.weigth", did you mean "0.weight"?'],
      [["zebra"], 'expected names of the file\'s tensors, got "zebra".'],
      [[0], "expected names of the file's tensors, got 0."],
      [[undefined], "expected names of the file's tensors, got undefined."],
      [["constructor"], 'expected names of the file\'s tensors, got "constructor".'],
    ] as const) {
      throwsExactly(() => decode(bytes, { names: names as never }), ArgumentError, `${who}: ${message}`);
    }
  });

  it("reads a choice of drawn names as the whole file has them, at the cost of no more than these", () => {
    const tensors = Object.fromEntries(
      ["a", "b.c", "__proto__", "2", "größe"].map((name, i) => [name, new Tensor([i, NaN, -0])]),
    );
    const files = [
      [decodeSafetensors, encodeSafetensors(tensors)],
      [decodeNpz, encodeNpz(tensors, { compress: true })],
    ] as const;
    fc.assert(
      fc.property(fc.subarray(Object.keys(tensors)), ([...names]) => {
        for (const [decode, bytes] of files) {
          const read = (decode as (bytes: Uint8Array, options: object) => Read)(bytes, { names });
          expect(Object.keys(read.tensors).sort()).toEqual(names.sort());
          for (const name of names) expect([...read.tensors[name].data]).toEqual([...tensors[name].data]);
        }
      }),
    );
    expect(() => decodeNpz(encodeNpz(tensors), { maxBytes: 400, names: ["a"] })).not.toThrow();
    expect(() => decodeNpz(encodeNpz(tensors), { maxBytes: 400 })).toThrow("at most 400 bytes");
  });

  it("is damaged, not skipped, where what it says does not fit", () => {
    const float8 = { dtype: "F8_E4M3", shape: [2], data_offsets: [2, 0] };
    throwsExactly(
      () => decodeSafetensors(safetensorsFile({ a: float8 })),
      FormatError,
      'decodeSafetensors: tensor "a": expected 0 bytes for F8_E4M3 [2], got data_offsets [2, 0] (-2 bytes).',
    );
    expect(() => decodeSafetensors(safetensorsFile({ a: { ...float8, data_offsets: [0, 2] } }, [1]))).toThrow(
      "cut short",
    );
    expect(() =>
      decodeSafetensors(safetensorsFile({ a: { ...float8, dtype: "F9", data_offsets: [0, 2] } }, [1, 2])),
    ).toThrow(FormatError);
    const [{ bytes }] = strangers("npz names");
    const broken = bytes.map((byte, i) => (i === 400 ? byte ^ 1 : byte));
    expect(() => decodeNpz(broken)).toThrow(FormatError);
  });

  it("is no model and no checkpoint: these are read whole", () => {
    const [{ bytes }] = strangers("safetensors float8");
    expect(() => loadModel(bytes)).toThrow("F8_E4M3");
    expect(() => decodeCheckpoint(bytes)).toThrow(FormatError);
  });
});

describe("IDX files of strangers", () => {
  it("may be gzip data of several members", async () => {
    const [{ bytes, tensors }] = strangers("idx members");
    const { shape, data } = await readIdx(bytes);
    expect(shape).toEqual([2, 3, 4]);
    expect([...data]).toEqual(tensors[""]);
  });

  it("may have QMNIST's eight columns of labels, for which the error has the code", async () => {
    const [{ bytes, tensors }] = strangers("idx qmnist");
    const { shape, data } = await readIdx(bytes);
    const code = "Int32Array.from({ length: 2 }, (_, i) => data[8 * i])";
    expect(() => labelsFromIdx({ shape, data })).toThrow(code);
    expect([...Int32Array.from({ length: 2 }, (_, i) => data[8 * i])]).toEqual(tensors[""]);
  });
});
