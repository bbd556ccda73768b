// The pictures of lessons 1 and 2. Every number comes out of a trace or a function of the library.
import { Tensor, convolve1d, correlate1d, correlate2d, nhwcToNchw, relu, reluDerivative, sigmoid, sigmoidDerivative, tanh, tanhDerivative } from "handgrad"; // prettier-ignore
import { column, drawing, grid, named, number, picture, row, text, type Block, type Mark } from "./svg.js";

const SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]; // prettier-ignore
const X = [2, 8, 3, 7, 1, 2, 0, 4, 5];
const W = [2, 1, 5, 3];

const sumOf = (values: readonly number[]): string => values.map((value, i) => (i > 0 && value >= 0 ? `+${number(value)}` : number(value))).join(" ").replace(/ \+/g, " + ").replace(/ \u2212/g, " \u2212 "); // prettier-ignore

function sharpenStep(): string {
  const step = Array.from({ length: 3 }, () => [0, 0, 0, 1, 1, 1]);
  const all = [...correlate2d(step, SHARPEN, { trace: true })];
  const y = all.map(({ sum }) => sum);
  const lines = [1, 2].map((k) => {
    const { left, products, sum } = all[k];
    const inside = (_: number, j: number): Mark => (j >= left && j < left + 3 ? "window" : "plain");
    const last = row(text("="), grid([y], (_, j) => (j === k ? "point" : "result")));
    return row(grid(step, inside), text("\u2217"), grid(SHARPEN, () => "kernel"), text("\u2192"), grid(products), text(`\u03a3 = ${number(sum)}`), last);
  }); // prettier-ignore
  return picture("Sharpening makes a step from 0 to 1 steeper", column(...lines));
}

function weightGradient(): string {
  const [x, d] = [[2, -1, 3, 5], [0.5, 2, -1]]; // prettier-ignore
  const lines = [...correlate1d(x, d, { trace: true })].map(({ step, start, window, sum }) => {
    const inside = (_: number, j: number): Mark => (j >= start && j < start + d.length ? "window" : "plain");
    const below = [...Array.from({ length: start }, () => ""), ...d.map(number), ...Array.from({ length: x.length - start - d.length }, () => "")];
    const deltas = grid([below], (_, j) => (below[j] === "" ? "outside" : "kernel"));
    const terms = window.map((value, i) => `${number(value)}\u00b7${d[i] < 0 ? `(${number(d[i])})` : number(d[i])}`).join(" + ");
    return row(named(`dL/dw${step + 1}`, column(grid([x], inside), deltas)), text(`= ${terms} = ${number(sum)}`));
  }); // prettier-ignore
  return picture("The deltas slide over the input: the weight gradient is a convolution", column(...lines));
}

function correlation(): string {
  const steps = [...correlate1d(X, W, { trace: true })];
  const lines = steps.map(({ start, products, sum }) => {
    const cells = X.map((_, j) => (j >= start && j < start + W.length ? number(W[j - start]) : ""));
    return row(grid([cells], (_, j) => (cells[j] === "" ? "outside" : "kernel")), text(`${sumOf(products)} = ${number(sum)}`));
  });
  const y = grid([steps.map(({ sum }) => sum)], () => "result");
  return picture("Cross-correlation of nine numbers and four: six places", column(named("x", grid([X], () => "window")), ...lines, named("y", y)));
} // prettier-ignore

function flip(): string {
  const first = (name: string, steps: Iterable<{ window: readonly number[]; kernel: readonly number[]; products: readonly number[]; sum: number }>): Block => {
    const [{ window, kernel, products, sum }] = steps;
    const cells = column(grid([[...window]], () => "window"), grid([[...kernel]], () => "kernel"));
    return named(name, row(cells, text(`${sumOf(products)} = ${number(sum)}`)));
  }; // prettier-ignore
  const blocks = [
    first("correlate1d", correlate1d(X, W, { trace: true })),
    first("convolve1d", convolve1d(X, W, { trace: true })),
  ];
  return picture("The first step of a correlation and of a convolution: the kernel is flipped", column(...blocks));
}

function sameTwoRules(): string {
  const line = (name: string, before: number, y: readonly number[]): Block => {
    const padded = [...Array.from({ length: before }, () => 0), ...X, ...Array.from({ length: W.length - 1 - before }, () => 0)];
    const mark = (_: number, j: number): Mark => (j < before || j >= before + X.length ? "outside" : j < W.length ? "window" : "plain");
    return named(name, column(grid([padded], mark), grid([[...y]], (_, j) => (j === 0 ? "point" : "result"))));
  }; // prettier-ignore
  const list = [...correlate1d(X, W, { mode: "same", trace: true })];
  const image = [...correlate2d([X], [W], { mode: "same", trace: true })];
  const blocks = [
    line("correlate1d, NumPy: 2 + 1", -list[0].start, list.map(({ sum }) => sum)),
    line("Conv2d, PyTorch: 1 + 2", -image[0].left, image.map(({ sum }) => sum)),
  ]; // prettier-ignore
  return picture("Mode 'same' of a kernel of four: where the three zeros go", column(...blocks));
}

function channels(): string {
  const image = nhwcToNchw(new Tensor([[
    [[1, 0, 1], [1, 1, 1], [1, 1, 1], [0, 0, 1], [0, 1, 0]],
    [[0, 0, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 0, 0]],
    [[0, 0, 0], [0, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
    [[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 1], [0, 1, 0]],
    [[0, 1, 0], [1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]],
  ]])); // prettier-ignore
  const filter = new Tensor([[[[1, 0, 1], [0, 1, 0], [1, 0, 1]], [[0, -1, 0], [-1, 1, -1], [1, -1, 0]], [[-1, 0, 0], [0, 1, 0], [0, 0, -1]]]]); // prettier-ignore
  const rows = (t: Tensor): number[][] => t.toArray() as number[][];
  const sums: number[] = [];
  const lines = ["R", "G", "B"].map((name, c) => {
    const [plane, kernel] = [rows(image.slice(0, c)), rows(filter.slice(0, c))];
    const [{ sum, products }] = correlate2d(plane, kernel, { trace: true });
    sums.push(sum);
    const marked = grid(plane, (i, j) => (i < 3 && j < 3 ? "window" : "plain"));
    return row(named(name, marked), text("\u2217"), grid(kernel, () => "kernel"), text("\u2192"), grid(products.map((line) => [...line])), text(`\u03a3 = ${number(sum)}`));
  }); // prettier-ignore
  const total = text(`${sumOf(sums)} = ${number(sums.reduce((a, b) => a + b))}`);
  return picture("One entry of a map is the sum over all channels", column(...lines, total));
}

function activations(): string {
  const [width, height] = [190, 150];
  const inputs = Float32Array.from({ length: 121 }, (_, i) => -6 + i / 10);
  const plot = (name: string, f: (x: Tensor) => Tensor, slope: (x: Tensor) => Tensor, low: number, high: number): Block => {
    const path = (values: Float32Array, x0: number, y0: number): string => {
      const parts: string[] = [];
      values.forEach((value, i) => {
        if (value > high + 1e-6) return; // ReLU leaves the picture
        const [x, y] = [x0 + (i / 120) * width, y0 + height - ((value - low) / (high - low)) * height];
        parts.push(`${parts.length === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`);
      });
      return parts.join("");
    };
    const at = (x0: number, y0: number): string => {
      const zero = y0 + height - ((0 - low) / (high - low)) * height;
      const one = y0 + height - ((1 - low) / (high - low)) * height;
      const axes = `<path class="line" d="M${x0} ${zero.toFixed(1)}h${width}M${x0 + width / 2} ${y0}v${height}"/>`;
      const level = `<text class="small" x="${x0 + width / 2 - 12}" y="${one.toFixed(1)}">1</text>`;
      const [y, dy] = [f(new Tensor(inputs)), slope(new Tensor(inputs))];
      return `${axes}${level}<path class="a" d="${path(y.data, x0, y0)}"/><path class="b" d="${path(dy.data, x0, y0)}"/>`;
    };
    return named(name, drawing(width, height, at));
  }; // prettier-ignore
  const legend = drawing(220, 18, (x, y) => `<path class="a" d="M${x} ${y + 9}h30"/><text class="left fa" x="${x + 38}" y="${y + 9}">f(x)</text><path class="b" d="M${x + 110} ${y + 9}h30"/><text class="left fb" x="${x + 148}" y="${y + 9}">f\u2032(x)</text>`); // prettier-ignore
  const plots = row(
    plot("sigmoid", sigmoid, sigmoidDerivative, -1.1, 1.5),
    plot("tanh", tanh, tanhDerivative, -1.1, 1.5),
    plot("ReLU", relu, reluDerivative, -1.1, 1.5),
  );
  return picture("Sigmoid, tanh and ReLU from -6 to 6 with their derivatives", column(plots, legend));
}

/** File names and what they hold. */
export function lessons12(): Record<string, string> {
  return {
    "1-sharpen": sharpenStep(),
    "1-weight-gradient": weightGradient(),
    "2-correlation": correlation(),
    "2-flip": flip(),
    "2-same": sameTwoRules(),
    "2-channels": channels(),
    "2-activations": activations(),
  };
}
