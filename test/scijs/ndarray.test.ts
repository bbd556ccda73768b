// The bridge to ndarray: what is shared, what is copied, and what is refused.
import fc from "fast-check";
import ndarray, { type NdArray } from "ndarray";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/base/errors.js";
import { fromNdarray, toNdarray, type NdArrayLike } from "../../src/scijs/ndarray.js";
import { Tensor } from "../../src/base/tensor.js";

const six = (): Float32Array => Float32Array.of(1, 2, 3, 4, 5, 6);

describe("fromNdarray", () => {
  it("shares the numbers of a contiguous float32 view", () => {
    const data = six();
    const x = fromNdarray(ndarray(data, [2, 3]));
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    x.data[0] = 10;
    data[5] = 60;
    expect([data[0], x.at(1, 2)]).toEqual([10, 60]);
  });

  it("shares a contiguous part from the middle of the data", () => {
    const data = six();
    const x = fromNdarray(ndarray(data, [3, 2]).lo(1).hi(1));
    expect(x.shape).toEqual([1, 2]);
    x.data[1] = 40;
    expect([...data]).toEqual([1, 2, 3, 40, 5, 6]);
  });

  it("shares whatever stride an axis of length 1 has", () => {
    const data = six();
    const x = fromNdarray({ data, shape: [2, 1, 3], stride: [3, -999, 1], offset: 0 });
    expect(x.data.buffer).toBe(data.buffer);
    expect(x.toArray()).toEqual([[[1, 2, 3]], [[4, 5, 6]]]);
  });

  it("shares contiguous float64 data as a float64 tensor, and copies other float64 views in their format", () => {
    const data = Float64Array.of(0.1, 0.2, 0.3, 0.4);
    const shared: Tensor<Float64Array> = fromNdarray(ndarray(data, [2, 2]));
    expect([shared.dtype, shared.data.buffer === data.buffer]).toEqual(["float64", true]);
    const copied: Tensor<Float64Array> = fromNdarray(ndarray(data, [2, 2]).transpose(1, 0));
    expect(copied.dtype).toBe("float64");
    expect(copied.toArray()).toEqual([
      [0.1, 0.3],
      [0.2, 0.4],
    ]);
    data[0] = 9;
    expect(copied.at(0, 0)).toBe(0.1);
  });

  it("copies transposed, flipped, stepped and repeating views", () => {
    const view = ndarray(six(), [2, 3]);
    const x: Tensor = fromNdarray(view.transpose(1, 0));
    expect(x.toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(fromNdarray(view.step(-1, -1)).toArray()).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ]);
    expect(fromNdarray(view.step(1, 2)).toArray()).toEqual([
      [1, 3],
      [4, 6],
    ]);
    expect(fromNdarray(view.step(1, -2)).toArray()).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect(fromNdarray(ndarray(six(), [2, 3], [0, 1])).toArray()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    x.data[0] = 10;
    expect(view.get(0, 0)).toBe(1);
  });

  it("copies integers, big integers, plain arrays and stores with get and set to float32", () => {
    const store = { length: 4, get: (i: number): number => i * 1.5, set: (): void => undefined };
    const pixels: Tensor = fromNdarray(ndarray(Uint8Array.of(0, 128, 255, 7), [2, 2]));
    expect([pixels.dtype, pixels.toArray()]).toEqual([
      "float32",
      [
        [0, 128],
        [255, 7],
      ],
    ]);
    expect(fromNdarray(ndarray(Uint8Array.of(0, 128, 255, 7), [2, 2]).transpose(1, 0)).toArray()).toEqual([
      [0, 255],
      [128, 7],
    ]);
    expect(fromNdarray(ndarray([1, 2, 3], [3]).step(-1)).toArray()).toEqual([3, 2, 1]);
    expect(fromNdarray(ndarray(store, [2, 2]).transpose(1, 0)).toArray()).toEqual([
      [0, 3],
      [1.5, 4.5],
    ]);
    expect(fromNdarray({ data: BigInt64Array.of(5n, -6n), shape: [2], stride: [1], offset: 0 }).toArray()).toEqual([
      5, -6,
    ]);
    expect(fromNdarray({ data: BigInt64Array.of(5n, -6n), shape: [2], stride: [-1], offset: 1 }).toArray()).toEqual([
      -6, 5,
    ]);
  });

  it("takes views of rank 0 and views without entries", () => {
    expect(fromNdarray(ndarray(six(), [2, 3]).pick(1, 1)).item()).toBe(5);
    expect(fromNdarray(ndarray(six(), [2, 3]).hi(2, 0)).shape).toEqual([2, 0]);
    expect(fromNdarray(ndarray([], [0])).shape).toEqual([0]);
  });

  it("reads every entry where ndarray reads it, in any order, direction and step", () => {
    const axis = fc.record({ start: fc.nat(1), step: fc.constantFrom(1, 2, 3, -1, -2) });
    const views = fc.record({
      shape: fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 5 })),
      axes: fc.tuple(axis, axis, axis),
      order: fc.constantFrom<number[]>([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]),
    });
    fc.assert(
      fc.property(views, ({ shape, axes, order }) => {
        const data = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => i);
        const whole: NdArray<Float32Array> = ndarray(data, [...shape]);
        const view = whole
          .lo(...axes.map(({ start }) => start))
          .step(...axes.map(({ step }) => step))
          .transpose(...order);
        const x = fromNdarray(view);
        expect(x.shape).toEqual(view.shape);
        for (let i = 0; i < view.shape[0]; i++)
          for (let j = 0; j < view.shape[1]; j++)
            for (let k = 0; k < view.shape[2]; k++) expect(x.at(i, j, k)).toBe(view.get(i, j, k));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([
    {
      what: "an array",
      view: [1, 2, 3],
      message: "expected an ndarray view { data, shape, stride, offset }, got [1, 2, 3]",
    },
    { what: "undefined", view: undefined, message: "got undefined (for arrays use new Tensor(data, shape))." },
    { what: "null", view: null, message: "got null" },
    { what: "text as data", view: { data: "12", shape: [2], stride: [1], offset: 0 }, message: 'got data "12"' },
    {
      what: "a DataView",
      view: { data: new DataView(new ArrayBuffer(8)), shape: [2], stride: [1], offset: 0 },
      message: "got data",
    },
    {
      what: "a store without a length",
      view: { data: { get: () => 0 }, shape: [2], stride: [1], offset: 0 },
      message: "got data",
    },
    {
      what: "no shape",
      view: { data: [1], stride: [1], offset: 0 },
      message: "expected shape to be an array of whole numbers of at least 0, got undefined.",
    },
    {
      what: "a negative length",
      view: { data: [1], shape: [-1], stride: [1], offset: 0 },
      message: "expected shape to be an array of whole numbers of at least 0, got [-1].",
    },
    {
      what: "half a stride",
      view: { data: [1], shape: [1], stride: [0.5], offset: 0 },
      message: "expected stride to be an array of whole numbers, got [0.5].",
    },
    {
      what: "too few strides",
      view: { data: [1], shape: [1, 1], stride: [1], offset: 0 },
      message: "expected one stride for each axis, got shape [1, 1], stride [1].",
    },
    {
      what: "a negative offset",
      view: { data: [1], shape: [1], stride: [1], offset: -1 },
      message: "expected offset to be a whole number of at least 0, got -1.",
    },
    {
      what: "no offset",
      view: { data: [1], shape: [1], stride: [1] },
      message: "expected offset to be a whole number of at least 0, got undefined.",
    },
    {
      what: "a view beyond the end",
      view: { data: six(), shape: [2, 3], stride: [3, 1], offset: 1 },
      message:
        "expected a view inside its 6 numbers, got one from index 1 to 6 (shape [2, 3], stride [3, 1], offset 1).",
    },
    {
      what: "a view before the start",
      view: { data: six(), shape: [3], stride: [-2], offset: 3 },
      message: "got one from index -1 to 3",
    },
    {
      what: "words in the data",
      view: { data: [1, "2"], shape: [2], stride: [1], offset: 0 },
      message: 'expected numbers, got "2" at index 1 of the data.',
    },
  ])("refuses $what", ({ view, message }) => {
    const convert = (): Tensor => fromNdarray(view as unknown as NdArrayLike<Float32Array>);
    expect(convert).toThrow(ArgumentError);
    expect(convert).toThrow("fromNdarray: ");
    expect(convert).toThrow(message);
  });
});

describe("toNdarray", () => {
  it("gives a view with the tensor's shape on the tensor's numbers", () => {
    const x = new Tensor(six(), [1, 2, 3]);
    const view: NdArray<Float32Array> = toNdarray(x);
    expect([view.shape, view.dtype, view.data === x.data]).toEqual([[1, 2, 3], "float32", true]);
    view.set(0, 1, 2, 60);
    expect(x.at(0, 1, 2)).toBe(60);
    expect(view.transpose(2, 1, 0).get(0, 1, 0)).toBe(4);
  });

  it("does not let the view's shape change the tensor's", () => {
    const x = new Tensor(six(), [2, 3]);
    toNdarray(x).shape[0] = 1;
    expect(x.shape).toEqual([2, 3]);
  });

  it("keeps float64, takes rank 0 and comes back as the same tensor", () => {
    const x = Tensor.float64([0.1, 0.2]);
    const view: NdArray<Float64Array> = toNdarray(x);
    expect(fromNdarray(view).data.buffer).toBe(x.data.buffer);
    expect(fromNdarray(toNdarray(new Tensor(7))).item()).toBe(7);
  });

  it("refuses what is not a tensor", () => {
    const convert = (): unknown => toNdarray([1, 2] as unknown as Tensor);
    expect(convert).toThrow(ArgumentError);
    expect(convert).toThrow("toNdarray: expected tensor to be a Tensor, got [1, 2]");
  });
});
