// Lesson 1: image filters are convolutions. Sharpen, blur and edges on a photograph, and what they do to the shape.
// Run with: npx tsx examples/03-filters.ts [picture.png]
// Writes a contact sheet (original, sharpen / blur, edges) to out/filters.png or to the path given.
import { decode, encode } from "fast-png";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { clamp, concat, Conv2d, divide, full, MaxPool2d, multiply, nchwToNhwc, nhwcToNchw, Tensor } from "handgrad";

const SHARPEN = [
  [0, -1, 0],
  [-1, 5, -1],
  [0, -1, 0],
];
const BLUR = [
  [1 / 16, 2 / 16, 1 / 16],
  [2 / 16, 4 / 16, 2 / 16],
  [1 / 16, 2 / 16, 1 / 16],
]; // halves with each step from the center, and sums to 1, so that the brightness stays
const EDGES = [
  [-1, -1, -1],
  [-1, 8, -1],
  [-1, -1, -1],
]; // sums to 0: where all neighbors are equal, nothing is left

// A file holds [H, W, 3] bytes; a network takes [N, 3, H, W] numbers from 0 to 1: one plane for each color.
const file = decode(readFileSync(new URL("images/raccoon.png", import.meta.url)));
const pixels = new Tensor(file.data, [1, file.height, file.width, file.channels]);
const image = divide(nhwcToNchw(pixels), 255);
console.log("image            ", pixels.shape, "bytes ->", image.shape, "from 0 to 1");

// Gray is a weighted sum of the three colors: already a convolution, with one filter of 1 x 1.
const toGray = new Conv2d(3, 1, 1, { bias: false });
toGray.weight.value.data.set([0.299, 0.587, 0.114]);
const gray = toGray.predict(image);
console.log("gray             ", gray.shape);

console.log("\nA 3x3 filter must lie inside the image, so its output is smaller; a border of zeros keeps the size:");
console.log("without padding  ", new Conv2d(1, 1, 3).predict(gray).shape);
console.log('padding: "same"  ', new Conv2d(1, 1, 3, { padding: "same" }).predict(gray).shape);
console.log("on 5x5           ", new Conv2d(1, 1, 3).outputShape([1, 1, 5, 5]));
console.log("on 5x5, stride 2 ", new Conv2d(1, 1, 3, { stride: 2 }).outputShape([1, 1, 5, 5]));

console.log("\nThe number of filters is the number of output channels, whatever comes in:");
const fiveFilters = new Conv2d(3, 5, 3, { padding: "same" });
console.log("5 filters on RGB ", fiveFilters.predict(image).shape, "with weights", fiveFilters.weight.shape);
console.log("on 256x256       ", fiveFilters.outputShape([1, 3, 256, 256]));
console.log("\nMax pooling halves height and width and leaves the channels:");
console.log("2x2 max pooling  ", new MaxPool2d(2).predict(fiveFilters.predict(image)).shape);

/** The image through one filter, each channel by itself (groups), without a bias. */
function filtered(x: Tensor, filter: readonly number[][]): Tensor {
  const channels = x.shape[1];
  // "replicate" repeats the outermost pixels. Next to zeros, the whole border would look like an edge.
  const options = { padding: "same", paddingMode: "replicate", groups: channels, bias: false } as const;
  const conv = new Conv2d(channels, channels, 3, options);
  for (let c = 0; c < channels; c++) conv.weight.value.data.set(filter.flat(), 9 * c);
  return conv.predict(x);
}

const sharp = filtered(image, SHARPEN);
const soft = filtered(filtered(image, BLUR), BLUR); // twice, to be seen at this size
const edges = filtered(gray, EDGES);

// The contact sheet, put together as tensors. Filters may leave 0..1; a picture cannot.
const gap = full([1, 3, file.height, 8], 1);
const upper = concat([image, gap, sharp], 3);
const lower = concat([soft, gap, concat([edges, edges, edges], 1)], 3);
const sheet = concat([upper, full([1, 3, 8, upper.shape[3]], 1), lower], 2);
const bytes = Uint8Array.from(nchwToNhwc(multiply(clamp(sheet, 0, 1), 255)).data, Math.round);
const path = process.argv[2] ?? "out/filters.png";
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, encode({ data: bytes, width: sheet.shape[3], height: sheet.shape[2], channels: 3 }));
console.log(`\nWrote ${path}: original, sharpen / blur, edges.`);
