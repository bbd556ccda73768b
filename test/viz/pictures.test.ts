// Pictures: colors of numbers, images, overlays, grids, filters and feature maps, and PNG files that decode to the same pixels.
import { decode, encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { Conv1d, Conv2d, ConvTranspose2d, Tensor, manualSeed, ones, randn, zeros } from "../../src/index.js";
import { decodeImage, imagesFromRgba } from "../../src/entries/data.js";
import {
  encodePng, featureMapsImage, filtersImage, gridImage, heatmapImage, overlayImage, tensorImage, type Picture,
} from "../../src/entries/viz.js"; // prettier-ignore
import { expectClose } from "../support/close.js";

const pixel = ({ data, width }: Picture, row: number, column: number): number[] =>
  [...data.slice(4 * (row * width + column), 4 * (row * width + column) + 4)]; // prettier-ignore
const [WHITE, BLACK] = [[255, 255, 255, 255], [0, 0, 0, 255]]; // prettier-ignore

describe("heatmapImage", () => {
  it("gives low and high the ends of viridis, and between them its published colors within 3 percent", () => {
    const picture = heatmapImage(new Tensor([[0, 1]]));
    expect(picture).toMatchObject({ width: 2, height: 1 });
    expect(picture.data).toBeInstanceOf(Uint8ClampedArray);
    expect([pixel(picture, 0, 0), pixel(picture, 0, 1)]).toEqual([[68, 1, 84, 255], [253, 231, 37, 255]]); // prettier-ignore
    // Rows of the published table of 256 colors that are not among the control points.
    const table = [[8, 71, 13, 96], [25, 72, 36, 117], [64, 59, 82, 139], [100, 42, 118, 142], [128, 33, 145, 140], [180, 70, 192, 111], [200, 112, 207, 87], [222, 168, 219, 52], [247, 234, 229, 26]]; // prettier-ignore
    for (const [index, ...color] of table) {
      const one = heatmapImage(new Tensor([[index / 255]]), { colors: "viridis", range: [0, 1] });
      expectClose(pixel(one, 0, 0).slice(0, 3), color, 8, { name: `color ${index}` });
    }
  });

  it("grows in brightness all along viridis", () => {
    const { data } = heatmapImage(new Tensor([Array.from({ length: 256 }, (_, i) => i)]));
    const brightness = Array.from({ length: 256 }, (_, i) => 0.2126 * data[4 * i] + 0.7152 * data[4 * i + 1] + 0.0722 * data[4 * i + 2]); // prettier-ignore
    expect(brightness.every((value, i) => i < 8 || value > brightness[i - 8])).toBe(true);
  });

  it("gives signed numbers blue, white and red, as far on both sides", () => {
    const picture = heatmapImage(new Tensor([[-1, 0, 2, -2]]));
    expect(pixel(picture, 0, 1)).toEqual(WHITE);
    expect([pixel(picture, 0, 2), pixel(picture, 0, 3)]).toEqual([[103, 0, 31, 255], [5, 48, 97, 255]]); // prettier-ignore
    const [red, , blue] = pixel(picture, 0, 0);
    expect(blue).toBeGreaterThan(red);
    expect(pixel(heatmapImage(zeros([1, 1]), { colors: "redBlue" }), 0, 0)).toEqual(WHITE);
  });

  it("takes a range, whose ends color what is beyond, planes with leading axes, and a scale", () => {
    const picture = heatmapImage(new Tensor([-9, 0, 5, 10, 99], [1, 1, 1, 5]), {
      colors: "gray",
      range: [0, 10],
      scale: 3,
    });
    expect([picture.width, picture.height]).toEqual([15, 3]);
    expect([0, 4, 7, 10, 14].map((column) => pixel(picture, 2, column)[0])).toEqual([0, 0, 128, 255, 255]);
    expect(pixel(heatmapImage(ones([1, 2, 2])), 1, 1)).toEqual([68, 1, 84, 255]); // all alike
  });
});

describe("tensorImage", () => {
  it("is the way back of imagesFromRgba", () => {
    const data = Uint8ClampedArray.from({ length: 4 * 6 }, (_, i) => (i % 4 === 3 ? 255 : (37 * i) % 256));
    const x = imagesFromRgba([{ data, width: 3, height: 2 }]);
    expect(tensorImage(x)).toEqual({ data, width: 3, height: 2 });
    expect(tensorImage(x.slice(0)).data).toEqual(data);
  });

  it("takes gray images, ranges, and the full range of what is there", () => {
    const x = new Tensor([-1, 0, 3], [1, 3]);
    expect([0, 1, 2].map((column) => pixel(tensorImage(x), 0, column)[1])).toEqual([0, 0, 255]);
    expect([0, 1, 2].map((column) => pixel(tensorImage(x, { range: "full" }), 0, column)[1])).toEqual([0, 64, 255]);
    expect([0, 1, 2].map((column) => pixel(tensorImage(x, { range: [-1, 1] }), 0, column)[1])).toEqual([0, 128, 255]);
    expect(pixel(tensorImage(ones([1, 1]), { range: "full" }), 0, 0)).toEqual([128, 128, 128, 255]);
  });
});

describe("overlayImage", () => {
  it("mixes image and map by the opacity, everywhere or where the map is high", () => {
    const image = ones([1, 1, 1, 2]);
    const map = new Tensor([0, 1], [1, 1, 1, 2]);
    const half = overlayImage(image, map, { colors: "gray" });
    expect([pixel(half, 0, 0), pixel(half, 0, 1)]).toEqual([[128, 128, 128, 255], WHITE]);
    const faded = overlayImage(tensorImage(image), map, { colors: "viridis", fade: true, opacity: 1, scale: 2 });
    expect([faded.width, pixel(faded, 0, 0), pixel(faded, 1, 3)]).toEqual([4, WHITE, [253, 231, 37, 255]]);
    expect(overlayImage(image, map, { opacity: 0 }).data).toEqual(tensorImage(image).data);
  });
});

describe("gridImage", () => {
  it("puts pictures in rows on white, each cell as large as the largest", () => {
    const [small, large] = [tensorImage(zeros([1, 1])), tensorImage(zeros([2, 3]))];
    const grid = gridImage([small, large, small], { columns: 2, gap: 2 });
    expect([grid.width, grid.height]).toEqual([8, 6]);
    const black: [number, number][] = [[0, 0], [0, 5], [1, 7], [4, 0]]; // prettier-ignore
    for (const [row, column] of black) expect(pixel(grid, row, column)).toEqual(BLACK);
    const white: [number, number][] = [[0, 1], [1, 0], [0, 4], [2, 5], [4, 5], [5, 7]]; // prettier-ignore
    for (const [row, column] of white) expect(pixel(grid, row, column)).toEqual(WHITE);
    expect(gridImage(Array(5).fill(small), { gap: 0 })).toMatchObject({ width: 3, height: 2 });
    expect(gridImage([small], { columns: 9 })).toMatchObject({ width: 1, height: 1 });
  });
});

describe("filtersImage", () => {
  it("shows weights in one range for the whole layer, so that filters compare", () => {
    const conv = new Conv2d(1, 2, [1, 2]);
    conv.weight.value = new Tensor([4, 0, -2, 1], [2, 1, 1, 2]);
    const picture = filtersImage(conv, { scale: 1, gap: 1 });
    expect([picture.width, picture.height]).toEqual([5, 1]);
    expect(pixel(picture, 0, 0)).toEqual([103, 0, 31, 255]);
    expect([pixel(picture, 0, 1), pixel(picture, 0, 2)]).toEqual([WHITE, WHITE]); // 0, and the gap
    expect(pixel(picture, 0, 3)).toEqual(
      pixel(heatmapImage(new Tensor([[-2]]), { colors: "redBlue", range: [-4, 4] }), 0, 0),
    );
  });

  it("shows filters on three channels in color, others as a row for each, and takes sequences and transposed ones", () => {
    const color = new Conv2d(3, 4, 1);
    color.weight.value = new Tensor([1, 0, -1, 0, 0, 0, 1, 1, 1, -1, -1, -1], [4, 3, 1, 1]);
    const picture = filtersImage(color, { scale: 1, gap: 0 });
    expect([picture.width, picture.height]).toEqual([2, 2]);
    expect([[0, 0], [0, 1], [1, 0], [1, 1]].map(([row, column]) => pixel(picture, row, column).slice(0, 3))).toEqual([
      [255, 128, 0], [128, 128, 128], [255, 255, 255], [0, 0, 0],
    ]); // prettier-ignore
    expect(filtersImage(new Conv2d(2, 5, 3), { scale: 1, gap: 1 })).toMatchObject({ width: 7, height: 19 });
    expect(filtersImage(new Conv2d(2, 5, 3), { scale: 1, gap: 1, columns: 10 })).toMatchObject({
      width: 39,
      height: 3,
    });
    expect(filtersImage(new Conv1d(1, 4, 5), { scale: 1, gap: 0 })).toMatchObject({ width: 10, height: 2 });
    expect(filtersImage(new ConvTranspose2d(2, 5, 3), { scale: 1, gap: 0 })).toMatchObject({ width: 6, height: 15 });
    const empty = new Conv2d(1, 1, 1);
    empty.weight.value = zeros([1, 1, 1, 1]);
    expect(pixel(filtersImage(empty, { scale: 1 }), 0, 0)).toEqual(WHITE);
  });
});

describe("featureMapsImage", () => {
  it("gives each map its own range, or all the same", () => {
    const maps = new Tensor([0, 1, 0, 10], [1, 2, 1, 2]);
    const each = featureMapsImage(maps, { scale: 1, gap: 0, colors: "gray", columns: 2 });
    expect([0, 1, 2, 3].map((column) => pixel(each, 0, column)[0])).toEqual([0, 255, 0, 255]);
    const all = featureMapsImage(maps.slice(0), { scale: 1, gap: 0, colors: "gray", columns: 2, range: "all" });
    expect([0, 1, 2, 3].map((column) => pixel(all, 0, column)[0])).toEqual([0, 26, 0, 255]);
    const signed = featureMapsImage(new Tensor([-4, 0, 0, 1], [2, 1, 2]), {
      scale: 1,
      gap: 0,
      columns: 2,
      range: "all",
    });
    expect([pixel(signed, 0, 0), pixel(signed, 0, 1)]).toEqual([[5, 48, 97, 255], WHITE]);
    expect(featureMapsImage(zeros([4, 2, 2]), { range: "all" })).toMatchObject({ width: 10, height: 10 });
  });
});

describe("encodePng", () => {
  it("writes files that decode to the same pixels", async () => {
    manualSeed(1);
    const picture = heatmapImage(randn([5, 7]));
    const bytes = await encodePng(picture);
    expect([...decode(bytes).data]).toEqual([...picture.data]);
    const image = await decodeImage(bytes);
    expect(tensorImage(image)).toEqual(picture);
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    expect(await encodePng(picture, { encoder: encode })).toEqual(bytes);
  });
});
