// The pictures of lessons 3, 4 and 5. Every number comes out of a trace or a function of the library.
import { MaxPool2d, Tensor, autocorrelate, conv2dInputGrad, convolve2d, correlate2d, maxPool2dTrace, type Sequential } from "handgrad"; // prettier-ignore
import { alexnet, resnet18, vgg16 } from "handgrad/models";
import { column, drawing, grid, named, number, picture, row, space, text, type Block, type Mark } from "./svg.js";

const IMAGE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]; // prettier-ignore
const KERNEL = [[1, 0], [1, 1]]; // prettier-ignore
const DY = [[1, 2], [3, 4]]; // prettier-ignore
const FILTER = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]; // prettier-ignore
const IMAGE5 = [[1, 2, 3, 0, 3], [0, 1, 5, 0, 1], [1, 0, 2, 2, 0], [2, 3, 1, 3, 0], [0, 1, 0, 2, 0]]; // prettier-ignore

const rowsOf = (t: Tensor): number[][] => t.toArray() as number[][];
const copy = (matrix: readonly (readonly number[])[]): number[][] => matrix.map((line) => [...line]);
const rectangle =
  (top: number, left: number, height: number, width: number, kind: Mark = "window") =>
  (i: number, j: number): Mark =>
    i >= top && i < top + height && j >= left && j < left + width ? kind : "plain";

/** A result of which the steps up to `step` are known; the newest is marked. */
function soFar(shape: readonly number[], values: readonly number[], step: number): Block {
  const cells = Array.from({ length: shape[0] }, (_, i) =>
    Array.from({ length: shape[1] }, (_, j) => {
      const k = i * shape[1] + j;
      return k <= step ? number(values[k]) : "";
    }),
  );
  return grid(cells, (i, j) => (i * shape[1] + j === step ? "point" : "result"));
}

function inputGradient(): string {
  const padded = Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => DY[i - 1]?.[j - 1] ?? 0));
  const all = [...convolve2d(DY, KERNEL, { mode: "full", trace: true })];
  const dx = all.map(({ sum }) => sum);
  const wanted = conv2dInputGrad(new Tensor([[DY]]), new Tensor([[KERNEL]]), [1, 1, 3, 3]);
  if (dx.some((value, i) => value !== wanted.data[i])) throw new Error("the picture of dx is wrong");
  const lines = [0, 4, 5].map((k) => {
    const { row: i, column: j, kernel, products, sum } = all[k];
    const mark = (r: number, c: number): Mark => (rectangle(i, j, 2, 2)(r, c) === "window" ? "window" : r < 1 || r > 2 || c < 1 || c > 2 ? "outside" : "plain");
    const marked = grid(rowsOf(wanted.slice(0, 0)), (r, c) => (r === i && c === j ? "point" : "result"));
    return row(grid(padded, mark), text("\u2217"), grid(copy(kernel), () => "kernel"), text("\u2192"), grid(copy(products)), text(`\u03a3 = ${number(sum)}`), marked);
  }); // prettier-ignore
  return picture("dx: the flipped kernel slides over dy with zeros around it", column(row(named("dy", grid(DY)), named("w", grid(KERNEL, () => "kernel"))), ...lines));
} // prettier-ignore

function receptiveField(): string {
  const [cell, layers] = [32, [5, 3, 1]];
  const at = (x: number, y: number): string =>
    layers
      .map((count, level) => {
        const [left, top] = [x + (cell * (5 - count)) / 2, y + 90 * (2 - level)];
        const cells = Array.from({ length: count }, (_, i) => `<rect class="c ${level === 0 ? "window" : level === 1 ? "kernel" : "point"}" x="${left + i * cell}" y="${top}" width="${cell}" height="${cell}"/>`);
        const lines = level === 0 ? "" : `<path class="line" d="M${left} ${top + cell}L${left - cell} ${top + 90}M${left + count * cell} ${top + cell}L${left + (count + 1) * cell} ${top + 90}"/>`;
        return cells.join("") + lines;
      })
      .join("\n"); // prettier-ignore
  const drawn = drawing(5 * cell, 2 * 90 + cell, at);
  const names = drawing(130, 2 * 90 + cell, (x, y) =>
    ["Conv2d 3\u00d73", "Conv2d 3\u00d73", "x: 5"].map((name, i) => text(name).at(x, y + 90 * i + 7)).join(""),
  );
  return picture("Two 3x3 convolutions see 5 pixels of a row", row(drawn, names));
}

function parameters(): string {
  const networks: [string, Sequential][] = [
    ["AlexNet", alexnet()],
    ["VGG16", vgg16()],
    ["ResNet-18", resnet18()],
  ];
  const scale = 420 / 140e6;
  const bars = networks.map(([name, model]) => {
    const { rows, totalParameters } = model.summary([3, 224, 224]);
    const linear = rows
      .filter((layer) => layer.name.startsWith("Linear"))
      .reduce((sum, layer) => sum + layer.parameters, 0);
    const [a, b] = [(totalParameters - linear) * scale, linear * scale];
    const at = (x: number, y: number): string =>
      `<rect class="c window" x="${x}" y="${y}" width="${a.toFixed(1)}" height="26"/>` +
      `<rect class="c kernel" x="${(x + a).toFixed(1)}" y="${y}" width="${b.toFixed(1)}" height="26"/>` +
      text(totalParameters.toLocaleString("en-US")).at(x + a + b + 10, y + 4);
    return row(
      drawing(80, 26, (x, y) => text(name).at(x, y + 4)),
      drawing(560, 26, at),
    );
  });
  const legend = row(
    grid([[""]], () => "window"),
    text("Conv2d"),
    grid([[""]], () => "kernel"),
    text("Linear"),
  );
  return picture(
    "The parameters of AlexNet, VGG16 and ResNet-18 in convolutions and in linear layers",
    column(...bars, legend),
  );
}

/** Every step of a kernel on an image, one a line. */
function steps(image: number[][], kernel: number[][], kernelMark: Mark): Block {
  const all = [...correlate2d(image, kernel, { trace: true })];
  const sums = all.map(({ sum }) => sum);
  const shape = correlate2d(image, kernel).shape;
  return column(
    ...all.map(({ step, top, left, products, sum }) => {
      const marked = grid(image, rectangle(top, left, kernel.length, kernel[0].length));
      const terms = products.flat().map(number).join(" + ");
      const result = soFar(shape, sums, step);
      return row(marked, text("\u2217"), grid(kernel, () => kernelMark), text("\u2192"), grid(copy(products)), text(`${terms} = ${number(sum)}`), result);
    }), // prettier-ignore
  );
}

function poolSteps(): string {
  const all = [...maxPool2dTrace(IMAGE, { kernelSize: 2, stride: 1 })];
  const lines = all.map(({ step, top, left, place, maximum }) => {
    const inside = rectangle(top, left, 2, 2);
    const mark = (i: number, j: number): Mark => (i === place[0] && j === place[1] ? "point" : inside(i, j));
    const values = all.map((done) => done.maximum);
    return row(grid(IMAGE, mark), text(`max = ${number(maximum)}  (${place.join(", ")})`), soFar([2, 2], values, step));
  });
  return picture("2x2 max pooling, one window at a time", column(...lines));
}

function poolBackward(): string {
  const image = [[1, 5, 2, 2], [3, 4, 2, 0], [0, 1, 7, 6], [8, 3, 4, 9]]; // prettier-ignore
  const dy = [[10, 20], [30, 40]]; // prettier-ignore
  const places = [...maxPool2dTrace(image, { kernelSize: 2 })].map(({ place }) => place.join());
  const pool = new MaxPool2d(2);
  const y = pool.forward(new Tensor([[image]]));
  const dx = pool.backward(new Tensor([[dy]])) as Tensor;
  const mark = (i: number, j: number): Mark => (places.includes([i, j].join()) ? "point" : "plain");
  const forward = row(
    named("x", grid(image, mark)),
    text("\u2192"),
    named(
      "y",
      grid(rowsOf(y.slice(0, 0)), () => "result"),
    ),
  );
  const backward = row(
    named("dx", grid(rowsOf(dx.slice(0, 0)), mark)),
    text("\u2190"),
    named(
      "dy",
      grid(dy, () => "kernel"),
    ),
  );
  return picture(
    "Max pooling forward, and backward: the gradient goes where the maximum was",
    column(forward, backward),
  );
}

function filterWindow(): string {
  const [{ products, sum }] = correlate2d(IMAGE5, FILTER, { trace: true });
  const y = rowsOf(correlate2d(IMAGE5, FILTER));
  const terms = products.flat().filter((value) => value !== 0).map(number).join(" + "); // prettier-ignore
  const result = grid(y, (i, j) => (i + j === 0 ? "point" : "result"));
  return picture(
    "The filter on the first window of the 5x5 image gives 8",
    column(row(grid(IMAGE5, rectangle(0, 0, 3, 3)), text("\u2217"), grid(FILTER, () => "kernel"), text("\u2192"), grid(copy(products))), row(text(`${terms} = ${number(sum)}`), result)),
  ); // prettier-ignore
}

function options(): string {
  const size = 5;
  const image = Array.from({ length: size }, () => Array.from({ length: size }, () => 1));
  const ones = Array.from({ length: 3 }, () => [1, 1, 1]);
  const shown = (name: string, stride: number, padding: number, dilation: number): Block => {
    const padded = padding === 1;
    const all = [...correlate2d(image, ones, { stride, dilation, mode: padded ? "same" : "valid", trace: true })];
    const side = size + 2 * padding;
    const seen = (k: number, i: number, j: number): boolean => {
      const { top, left } = all[k];
      const [r, c] = [i - padding - top, j - padding - left];
      return r >= 0 && c >= 0 && r <= 2 * dilation && c <= 2 * dilation && r % dilation === 0 && c % dilation === 0;
    };
    const mark = (i: number, j: number): Mark =>
      seen(0, i, j) ? "window" : all.length > 1 && seen(1, i, j) ? "kernel" : i < padding || j < padding || i >= side - padding || j >= side - padding ? "outside" : "plain"; // prettier-ignore
    const cells = Array.from({ length: side }, () => Array.from({ length: side }, () => ""));
    const rows = Math.sqrt(all.length);
    return named(`${name}: ${rows}\u00d7${rows}`, grid(cells, mark));
  };
  return picture(
    "A 3x3 filter on 5x5 with stride 2, padding 1 and dilation 2: the first place, and what the second adds",
    column(row(shown("stride 1", 1, 0, 1), shown("stride 2", 2, 0, 1)), row(shown("padding 1", 1, 1, 1), space(1, 1), shown("dilation 2", 1, 0, 2))),
  ); // prettier-ignore
}

function threeOperations(): string {
  const filter = [[1, 2], [0, 3]]; // prettier-ignore
  const mark = (): Mark => "result";
  return picture(
    "Correlation, convolution and autocorrelation of one image",
    column(
      row(named("x", grid(IMAGE)), named("w", grid(filter, () => "kernel"))),
      row(named("correlate2d", grid(rowsOf(correlate2d(IMAGE, filter)), mark)), named("convolve2d", grid(rowsOf(convolve2d(IMAGE, filter)), mark)), named("autocorrelate", grid(rowsOf(autocorrelate(IMAGE)), (i, j) => (i === 2 && j === 2 ? "point" : "result")))),
    ),
  ); // prettier-ignore
}

/** File names and what they hold. */
export function lessons345(): Record<string, string> {
  return {
    "3-input-gradient": inputGradient(),
    "3-receptive-field": receptiveField(),
    "3-parameters": parameters(),
    "4-convolution": picture("Four steps of a 2x2 kernel on a 3x3 image", steps(IMAGE, KERNEL, "kernel")),
    "4-pool": poolSteps(),
    "4-pool-backward": poolBackward(),
    "4-weight-gradient": picture("dw: dy slides over the image", steps(IMAGE, DY, "kernel")),
    "5-filter": filterWindow(),
    "5-options": options(),
    "5-three": threeOperations(),
  };
}
