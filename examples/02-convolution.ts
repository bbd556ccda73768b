// Lessons 2 and 5 in the terminal: a convolution step by step, in one and two dimensions, and what its options do.
// Run with: npx tsx examples/02-convolution.ts
import {
  autocorrelate,
  Conv2d,
  convolve1d,
  convolve2d,
  correlate1d,
  correlate2d,
  maxPool2dTrace,
  Tensor,
} from "handgrad";

type Matrix = readonly (readonly number[])[];

function title(text: string): void {
  console.log(`\n--- ${text}\n`);
}

function say(text: string): void {
  console.log(`\n${text}`);
}

/** Prints matrices and signs in one row, all centered. */
function show(...parts: (Matrix | string)[]): void {
  const blocks = parts.map((part) => (typeof part === "string" ? [part] : lines(part)));
  const height = Math.max(...blocks.map((block) => block.length));
  const widths = blocks.map((block) => Math.max(...block.map((line) => line.length)));
  for (let i = 0; i < height; i++) {
    const cells = blocks.map((block, part) => {
      const above = Math.floor((height - block.length) / 2);
      return (block[i - above] ?? "").padEnd(widths[part]);
    });
    console.log(`  ${cells.join("   ")}`.trimEnd());
  }
}

/** A matrix as text, its numbers right-aligned. */
function lines(matrix: Matrix): string[] {
  const width = Math.max(...matrix.flat().map((value) => String(value).length));
  return matrix.map((row) => row.map((value) => String(value).padStart(width)).join(" "));
}

const rows = (y: Tensor): Matrix => y.toArray() as Matrix;
const list = (y: Tensor): string => `[${y.data.join(", ")}]`;

const image = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];
const kernel = [
  [1, 0],
  [1, 1],
];

title("A 2x2 kernel on a 3x3 image: it fits in four places");
show(image, "and", kernel);
for (const { step, row, column, window, products, sum } of correlate2d(image, kernel, { trace: true })) {
  say(`step ${step + 1}: the window that starts at row ${row}, column ${column}`);
  show(window, "*", kernel, "=", products, `sum: ${products.flat().join(" + ")} = ${sum}`);
}
say("The four sums, in the places of their windows, are the output (the feature map):");
show(rows(correlate2d(image, kernel)));

title("2x2 max pooling steps in the same way, and keeps the largest number");
show(image);
for (const { step, window, maximum, place } of maxPool2dTrace(image, { kernelSize: 2, stride: 1 })) {
  say(`step ${step + 1}: largest is ${maximum}, at row ${place[0]}, column ${place[1]}`);
  show(window);
}
say("In a network the stride is mostly the window's size, so that windows do not overlap: [[4, 3], [2, 1]] gives");
for (const { maximum } of maxPool2dTrace([[4, 3], [2, 1]], { kernelSize: 2 })) show([[maximum]]); // prettier-ignore

title("A window's result is a perceptron's: products of inputs and weights, summed, plus a bias");
const window = [
  [1, 2, 3],
  [0, 1, 5],
  [1, 0, 2],
];
const filter = [
  [1, 0, 1],
  [0, 1, 0],
  [1, 0, 1],
];
for (const { products, sum } of correlate2d(window, filter, { trace: true })) {
  show(window, "*", filter, "=", products, `sum: ${sum}`);
}

title("In one dimension: a list, a kernel, and three answers to what happens at the ends");
const x = [2, 8, 3, 7, 1, 2, 0, 4, 5];
const w = [2, 1, 5, 3];
console.log(`x = [${x.join(", ")}], w = [${w.join(", ")}]`);
// "valid" stays inside, "full" takes every overlap (with zeros around x), "same" as many as x has.
for (const mode of ["valid", "full", "same"] as const) {
  console.log(`${mode.padEnd(6)} correlation ${list(correlate1d(x, w, { mode }))}`);
}
say("The first steps of mode same:");
for (const { step, window: under, products, sum } of correlate1d(x, w, { mode: "same", trace: true })) {
  if (step < 3) console.log(`  [${under.join(", ")}] * [${w.join(", ")}]: ${products.join(" + ")} = ${sum}`);
}
say("An even kernel has no middle. correlate1d puts the larger half of the zeros before, as NumPy does;");
console.log("correlate2d and Conv2d put it behind, as PyTorch does:");
console.log(`  correlate1d ${list(correlate1d(x, w, { mode: "same" }))}`);
console.log(`  correlate2d ${list(correlate2d([x], [w], { mode: "same" }))}`);

title("Flip or no flip: convolution turns the kernel around, correlation does not");
for (const mode of ["valid", "same"] as const) {
  console.log(`${mode.padEnd(6)} convolution ${list(convolve1d(x, w, { mode }))}`);
}
console.log(`reversed w, correlation ${list(correlate1d(x, [...w].reverse()))}`);
say("In two dimensions it is flipped up-down and left-right:");
const [{ kernel: flipped }] = convolve2d(image, kernel, { trace: true });
show("kernel", kernel, "flipped", flipped);
say("So the two give different numbers:");
show("correlation", rows(correlate2d(image, kernel)), "convolution", rows(convolve2d(image, kernel)));
say("Networks learn their kernels, so they do not care: what they call convolution is correlation.");

title("Autocorrelation compares a signal with itself, moved by every distance");
console.log(`[1, 2, 3] with itself: ${list(autocorrelate([1, 2, 3]))}`);
console.log("The middle is distance 0, the sum of the squares: nothing is as similar to a signal as the signal.");
say("An image moves in two directions:");
show(image, "with itself:", rows(autocorrelate(image)));

title("Stride 2 takes every second place, dilation 2 looks at every second pixel");
const large = Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => 5 * i + j));
show(large, "stride 2:", rows(correlate2d(large, filter, { stride: 2 })));
say("Each pair of options is [vertical, horizontal]. Stride [2, 1] goes 2 down and 1 right:");
show(rows(correlate2d(large, filter, { stride: [2, 1] })));
say("With dilation 2 a 3x3 kernel spans 5x5 pixels, and fits only once:");
for (const { window: under, sum } of correlate2d(large, filter, { dilation: 2, trace: true })) {
  show(under, "*", filter, `sum: ${sum}`);
}

title("Output size = floor((input + 2 * padding - kernel) / stride) + 1");
for (const [input, size, padding, stride] of [[5, 3, 0, 1], [5, 3, 0, 2], [5, 3, 1, 1], [6, 3, 0, 2], [28, 5, 0, 1]]) {
  const [, , out] = new Conv2d(1, 1, size, { padding, stride }).outputShape([1, 1, input, input]);
  const formula = `floor((${input} + 2 * ${padding} - ${size}) / ${stride}) + 1`;
  console.log(`${formula.padEnd(36)} = ${Math.floor((input + 2 * padding - size) / stride) + 1}, Conv2d says ${out}`);
} // prettier-ignore
console.log("The stride need not divide the length: of 6 pixels, stride 2 and kernel 3 leave the last unused.");
