// Networks as strangers' exporters write them, drawn: the same layers in many forms. Constants beside layers, batch norms, axes
// turned for channels-last images, flattens that are computed, nodes that do nothing, nodes out of order.
import type { NodeDraft, TensorDraft } from "../../src/onnx/schema.js";
import { floats, ints, node, onnxFile, type Attributes } from "./onnxFiles.js";
import { randomOf } from "./onnxModels.js";

/** A drawn file and what was drawn. */
export interface StrangersFile {
  readonly bytes: Uint8Array;
  /** Sizes of the input, the batch size first; undefined stands for a free one. */
  readonly dims: readonly (number | undefined)[];
  /** The forms in it, for counting. */
  readonly forms: ReadonlySet<string>;
  readonly opset: number;
  /** The output to choose, if there are several. */
  readonly output?: string;
}

/** Builds a file node by node. The current value is `at`, of shape `shape` without the batch, channels first. */
class Writer {
  readonly nodes: NodeDraft[] = [];
  readonly weights: TensorDraft[] = [];
  readonly forms = new Set<string>();
  at = "x";
  #count = 0;

  constructor(
    readonly random: () => number,
    public shape: readonly number[],
    readonly opset: number,
  ) {}

  int(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)];
  }

  chance(p: number): boolean {
    return this.random() < p;
  }

  name(what: string): string {
    return `${what}${this.#count++}`;
  }

  /** Adds a node and returns its output. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}, more: NodeDraft = {}): string {
    const output = this.name(op);
    this.nodes.push(node(op, attributes, { name: `the_${output}`, input: inputs, output: [output], ...more }));
    return output;
  }

  /** The same on the current value. */
  go(op: string, inputs: readonly string[] = [], attributes: Attributes = {}): void {
    this.at = this.add(op, [this.at, ...inputs], attributes);
  }

  numbers(dims: readonly number[], low = -1, high = 1): string {
    const name = this.name("w");
    const count = dims.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: count }, () => low + (high - low) * this.random());
    this.weights.push(floats(name, dims, data));
    return name;
  }

  whole(numbers: readonly number[], dims?: readonly number[]): string {
    const name = this.name("i");
    this.weights.push(ints(name, numbers, dims));
    return name;
  }

  /** A weight, perhaps left to be computed. */
  weight(dims: readonly number[]): string {
    const bound = 1 / Math.sqrt(dims.slice(1).reduce((a, b) => a * b, 1));
    const kind = this.random();
    if (kind < 0.6 || dims.length < 2) return this.numbers(dims, -bound, bound);
    this.forms.add("a weight to compute");
    if (kind < 0.75) {
      // Transpose by perm takes axis i from axis perm[i].
      const perm = dims.map((_, i) => i).sort(() => this.random() - 0.5);
      const from = dims.map((_, i) => dims[perm.indexOf(i)]);
      return this.add("Transpose", [this.numbers(from, -bound, bound)], { perm });
    }
    if (kind < 0.85) {
      const from = this.numbers([dims.reduce((a, b) => a * b, 1)], -bound, bound);
      return this.add("Reshape", [from, this.whole(dims)]);
    }
    if (kind < 0.95) return this.add("Mul", [this.numbers(dims, -bound, bound), this.numbers([], 0.5, 1.5)]);
    return this.add("Identity", [this.numbers(dims, -bound, bound)]);
  }

  toLast(): void {
    this.go("Transpose", [], { perm: [0, ...this.shape.slice(1).map((_, i) => i + 2), 1] });
  }

  toFirst(): void {
    const rank = this.shape.length;
    this.go("Transpose", [], { perm: [0, rank, ...this.shape.slice(1).map((_, i) => i + 1)] });
  }

  /** Attributes of windows with drawn pads, and the sizes that they give. */
  windows(kernel: readonly number[], strides: readonly number[], rules: readonly string[]) {
    const auto = this.pick(rules);
    const side = (i: number): number => this.int(0, kernel[i] - 1);
    const none = auto !== "NOTSET" || this.chance(0.5);
    const [before, behind] = [kernel.map((_, i) => (none ? 0 : side(i))), kernel.map((_, i) => (none ? 0 : side(i)))];
    const rule: Attributes = auto === "NOTSET" ? { pads: [...before, ...behind] } : { auto_pad: auto };
    const sizes = (plane: readonly number[]): number[] => {
      return plane.map((size, i) => {
        if (auto.startsWith("SAME")) return Math.ceil(size / strides[i]);
        return Math.floor((size + before[i] + behind[i] - kernel[i]) / strides[i]) + 1;
      });
    };
    const attributes: Attributes = { kernel_shape: kernel, strides, ...rule };
    return { attributes, sizes, auto };
  }

  axesForm(op: string, x: string, axes: readonly number[]): string {
    return this.opset >= 13 ? this.add(op, [x, this.whole(axes)]) : this.add(op, [x], { axes });
  }
}

type Form = (w: Writer) => void;

// ---- images [C, H, W] ----

const conv: Form = (w) => {
  const [c, ...plane] = w.shape;
  const group = w.pick([1, 1, 1, c]);
  const out = group * w.int(1, 3);
  const kernel = plane.map((size) => w.int(1, Math.min(3, size)));
  const strides = plane.map(() => w.int(1, 2));
  const { attributes, sizes } = w.windows(kernel, strides, [
    "NOTSET",
    "NOTSET",
    "NOTSET",
    "VALID",
    "SAME_UPPER",
    "SAME_LOWER",
  ]);
  if (w.chance(0.15))
    padBy(
      w,
      w.pick(["constant", "constant", "edge"]),
      plane.map(() => [w.int(0, 1), w.int(0, 1)]),
    );
  const inputs = [w.weight([out, c / group, ...kernel])];
  if (w.chance(0.5)) inputs.push(w.numbers([out]));
  w.go("Conv", inputs, { ...attributes, group });
  w.shape = [out, ...sizes(w.shape.slice(1))];
  if (plane.length === 1) w.forms.add("Conv in one direction");
};

function padBy(w: Writer, mode: string, sides: readonly (readonly [number, number])[]): void {
  const [c, ...plane] = w.shape;
  const [before, behind] = [sides.map(([each]) => each), sides.map(([, each]) => each)];
  const all = [0, 0, ...before, 0, 0, ...behind];
  if (w.opset < 11) w.go("Pad", [], { mode, pads: all });
  else if (w.opset >= 18 && w.chance(0.4)) {
    w.go("Pad", [w.whole([...before, ...behind]), "", w.whole(plane.map((_, i) => i + 2))], { mode });
  } else w.go("Pad", [w.whole(all)], { mode });
  w.shape = [c, ...plane.map((size, i) => size + before[i] + behind[i])];
  w.forms.add("Pad");
}

const padAnywhere: Form = (w) => {
  padBy(
    w,
    w.pick(["constant", "edge"]),
    w.shape.slice(1).map(() => [w.int(0, 2), w.int(0, 1)]),
  );
};

const channelConstant: Form = (w) => {
  const [c, ...plane] = w.shape;
  const ones = plane.map(() => 1);
  arithmetic(w, w.pick([[c, ...ones], [1, c, ...ones], [], [1], [1, 1, ...ones]]));
};

function arithmetic(w: Writer, dims: readonly number[]): void {
  const op = w.pick(["Add", "Sub", "Mul", "Div"]);
  const constant = op === "Div" ? w.numbers(dims, 0.5, 2) : w.numbers(dims);
  w.forms.add(`${op} of a constant`);
  if (op !== "Div" && w.chance(0.3)) w.at = w.add(op, [constant, w.at]);
  else w.go(op, [constant]);
}

const batchNorm: Form = (w) => {
  const [c] = w.shape;
  const inputs = [w.numbers([c]), w.numbers([c]), w.numbers([c]), w.numbers([c], 0.2, 2)];
  const attributes: Record<string, Attributes[string]> = { epsilon: { float: w.pick([1e-5, 1e-3]) } };
  if (w.chance(0.3)) attributes.momentum = { float: 0.9 };
  if (w.opset >= 14 && w.chance(0.3)) attributes.training_mode = 0;
  w.forms.add("BatchNormalization");
  if (w.shape.length === 1 && w.chance(0.5)) {
    w.at = w.axesForm("Unsqueeze", w.at, [2]);
    w.go("BatchNormalization", inputs, attributes);
    w.at = w.axesForm("Squeeze", w.at, [2]);
    w.forms.add("BatchNormalization between Unsqueeze and Squeeze");
    return;
  }
  w.go("BatchNormalization", inputs, attributes);
};

const batchNormByHand: Form = (w) => {
  const dims = [w.shape[0], ...w.shape.slice(1).map(() => 1)];
  const deviation = w.add("Sqrt", [w.add("Add", [w.numbers(dims, 0.2, 2), w.numbers([], 0.001, 0.002)])]);
  w.go("Sub", [w.numbers(dims)]);
  w.go("Mul", [w.add("Div", [w.numbers(dims), deviation])]);
  w.go("Add", [w.numbers(dims)]);
  w.forms.add("a batch norm in pieces");
};

const activation: Form = (w) => w.go(w.pick(["Relu", "Relu", "Sigmoid", "Tanh"]));

const nothing: Form = (w) => {
  const op = w.pick(["Identity", "Dropout", "Cast"]);
  w.forms.add(op);
  w.go(op, [], op === "Cast" ? { to: 1 } : {});
};

const pool: Form = (w) => {
  const [c, ...plane] = w.shape;
  const op = w.pick(["MaxPool", "AveragePool"]);
  const kernel = plane.map((size) => w.int(1, Math.min(3, size)));
  const strides = plane.map((_, i) => w.int(1, Math.min(2, kernel[i])));
  const { attributes, sizes, auto } = w.windows(kernel, strides, ["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER"]);
  const counts = op === "AveragePool" && w.chance(0.5) ? { count_include_pad: 1 } : {};
  w.go(op, [], { ...attributes, ...counts });
  w.forms.add(auto === "NOTSET" ? op : `${op} ${auto}`);
  w.shape = [c, ...sizes(plane)];
};

/** Turned to channels-last, something there, and back. */
const aroundLast: Form = (w) => {
  let [c] = w.shape;
  w.toLast();
  if (w.chance(0.3)) {
    const outputs = w.int(1, 4);
    w.go("MatMul", [w.weight([c, outputs])]);
    w.shape = [outputs, ...w.shape.slice(1)];
    c = outputs;
    w.forms.add("MatMul of channels");
  }
  arithmetic(w, w.pick([[c], [...w.shape.map(() => 1), c], []]));
  if (w.chance(0.5)) w.go("Relu");
  w.toFirst();
  w.forms.add("channels-last in between");
};

// ---- from images to features ----

const flatten: Form = (w) => {
  const count = w.shape.reduce((a, b) => a * b, 1);
  const isLast = w.chance(0.4);
  if (isLast) {
    w.toLast();
    w.forms.add("Transpose before the flatten");
  }
  const [c, ...plane] = w.shape;
  const dims = isLast ? [...plane, c] : [c, ...plane];
  const rank = dims.length;
  const gather = (shape: string, i: number): string => w.add("Gather", [shape, w.whole([i], [])], { axis: 0 });
  const list = (x: string): string => w.axesForm("Unsqueeze", x, [0]);
  const slice = (x: string, from: number, to: number): string => {
    if (w.opset < 10) return w.add("Slice", [x], { starts: [from], ends: [to], axes: [0] });
    return w.add("Slice", [x, w.whole([from]), w.whole([to]), w.whole([0])]);
  };
  const forms: Record<string, () => void> = {
    Flatten: () => w.go("Flatten"),
    "Flatten, axis from the end": () => w.go("Flatten", [], { axis: w.opset >= 11 ? -rank : 1 }),
    "Reshape [0, -1]": () => w.go("Reshape", [w.whole([0, -1])]),
    "Reshape [-1, F]": () => w.go("Reshape", [w.whole([-1, count])]),
    "Shape, Gather, Concat": () => {
      const n = list(gather(w.add("Shape", [w.at]), 0));
      w.go("Reshape", [w.add("Concat", [n, w.whole([-1])], { axis: 0 })]);
    },
    "Shape, Slice, Concat": () => {
      const n = slice(w.add("Shape", [w.at]), 0, 1);
      w.go("Reshape", [w.add("Concat", [n, w.whole([count])], { axis: 0 })]);
    },
    "Shape, Cast, Slice, Cast, Concat": () => {
      const shape = w.add("Cast", [w.add("Shape", [w.at])], { to: 1 });
      const n = w.add("Cast", [slice(shape, 0, 1)], { to: 7 });
      w.go("Reshape", [w.add("Concat", [n, w.whole([-1])], { axis: 0 })]);
    },
    "Shape, Mul, Concat": () => {
      const shape = w.add("Shape", [w.at]);
      const rest = dims
        .slice(1)
        .reduce((product, _, i) => w.add("Mul", [product, gather(shape, i + 2)]), gather(shape, 1));
      w.go("Reshape", [w.add("Concat", [list(gather(shape, 0)), list(rest)], { axis: 0 })]);
    },
    "Shape, ReduceProd, Concat": () => {
      const shape = w.add("Shape", [w.at]);
      const rest =
        w.opset >= 18
          ? w.add("ReduceProd", [slice(shape, 1, 9), w.whole([0])])
          : w.add("ReduceProd", [slice(shape, 1, 9)], { axes: [0] });
      w.go("Reshape", [w.add("Concat", [slice(shape, 0, 1), rest], { axis: 0 })]);
    },
    "Shape from start to end, allowzero": () => {
      if (w.opset < 15) return w.go("Flatten");
      const n = w.add("Shape", [w.at], { start: 0, end: 1 });
      w.go("Reshape", [w.add("Concat", [n, w.whole([-1])], { axis: 0 })], { allowzero: 1 });
    },
    "Reshape with allowzero": () => w.go("Reshape", [w.whole([-1, count])], w.opset >= 14 ? { allowzero: 1 } : {}),
    "Reshape twice": () => {
      w.go("Reshape", [w.whole([0, dims[0] * dims[1], ...dims.slice(2)])]);
      w.go("Reshape", [w.whole([0, -1])]);
    },
  };
  const name = w.pick(Object.keys(forms));
  forms[name]();
  w.forms.add(name);
  w.shape = [count];
};

const pooledHead: Form = (w) => {
  const [c, ...plane] = w.shape;
  const isLast = w.chance(0.3);
  if (isLast) w.toLast();
  const places = plane.map((_, i) => i + (isLast ? 1 : 2));
  const axes = isLast ? places : w.pick([places, plane.map((_, i) => -1 - i)]);
  const keepdims = w.pick([0, 1]);
  const isGlobal = !isLast && w.chance(0.4);
  const op = isGlobal
    ? w.pick(["GlobalAveragePool", "GlobalMaxPool"])
    : w.pick(["ReduceMean", "ReduceMax", "ReduceSum"]);
  if (isGlobal) w.go(op);
  else if (w.opset >= (op === "ReduceSum" ? 13 : 18)) w.go(op, [w.whole(axes)], { keepdims });
  else w.go(op, [], { axes: w.opset >= 11 ? axes : places, keepdims });
  w.forms.add(op);
  w.shape = [c];
  if (!isGlobal && keepdims === 0) return;
  const end = w.pick(["Flatten", "Squeeze", "Squeeze one by one", "Reshape"]);
  if (end === "Flatten") w.go("Flatten");
  else if (end === "Reshape") w.go("Reshape", [w.whole([-1, c])]);
  else if (end === "Squeeze") w.at = w.axesForm("Squeeze", w.at, places);
  else for (const place of [...places].reverse()) w.at = w.axesForm("Squeeze", w.at, [place]);
  w.forms.add(`${end} behind a pool`);
};

// ---- features [F] ----

const gemm: Form = (w) => {
  const [inputs] = w.shape;
  const outputs = w.int(2, 5);
  const transB = w.pick([0, 1]);
  const weight = w.weight(transB === 1 ? [outputs, inputs] : [inputs, outputs]);
  const attributes: Record<string, Attributes[string]> = { transB };
  if (w.chance(0.4)) attributes.alpha = { float: w.pick([0.5, -1.25, 2]) };
  if (w.chance(0.4)) attributes.beta = { float: w.pick([0.5, -1.25, 0]) };
  const bias = w.pick([[outputs], [1, outputs], [1], [], [1, 1], undefined]);
  w.shape = [outputs];
  if (w.chance(0.2)) {
    // (W x^T)^T, both transposed by the nodes themselves or before.
    const column = w.add("Transpose", [w.at], { perm: [1, 0] });
    const product =
      transB === 1
        ? w.add("MatMul", [weight, column])
        : w.add("Gemm", [weight, w.at, w.numbers([1])], { transA: 1, transB: 1 });
    w.at = w.add("Transpose", [product], { perm: [1, 0] });
    w.forms.add("the weight on the left");
  } else if (bias === undefined && w.opset >= 11) w.go("Gemm", [weight], attributes);
  else w.go("Gemm", [weight, w.numbers(bias ?? [outputs])], attributes);
  w.forms.add("Gemm");
};

const matMul: Form = (w) => {
  const [inputs] = w.shape;
  const outputs = w.int(2, 5);
  w.go("MatMul", [w.weight([inputs, outputs])]);
  w.shape = [outputs];
  if (w.chance(0.7)) w.at = w.add("Add", w.chance(0.5) ? [w.at, w.numbers([outputs])] : [w.numbers([outputs]), w.at]);
  w.forms.add("MatMul");
};

const featureConstant: Form = (w) => arithmetic(w, w.pick([[w.shape[0]], [1, w.shape[0]], [], [1]]));

const softmax: Form = (w) => {
  const op = w.pick(["Softmax", "LogSoftmax"]);
  w.go(op, [], { axis: w.pick([1, -1]) });
  if (op === "Softmax" && w.chance(0.4)) {
    w.go("Log");
    w.forms.add("Softmax and Log");
  }
  w.forms.add(op);
};

/** A drawn network: images (or rows of numbers in one direction), a flatten or pool, features. */
export function drawStrangersFile(seed: number): StrangersFile {
  const random = randomOf(seed);
  const first = new Writer(random, [], 7);
  const opset = first.int(7, 25);
  const isFlat = first.chance(0.2);
  const shape = isFlat ? [first.int(1, 3), first.int(3, 12)] : [first.int(1, 3), first.int(3, 9), first.int(3, 9)];
  const w = new Writer(random, shape, opset);
  const dims = drawInputForm(w);
  for (let left = w.int(1, 4); left > 0; left--) {
    const form = w.pick([
      ...[conv, conv, conv, channelConstant, batchNorm, batchNormByHand],
      ...[activation, activation, nothing, pool, aroundLast, padAnywhere],
    ]);
    form(w);
    if (form === conv) w.pick([batchNorm, channelConstant, activation, activation])(w);
  }
  if (w.chance(0.85)) {
    w.pick([flatten, flatten, pooledHead])(w);
    w.pick([gemm, gemm, matMul])(w);
    for (let left = w.int(0, 4); left > 0; left--) {
      w.pick([gemm, gemm, matMul, featureConstant, batchNorm, activation, nothing])(w);
    }
    if (w.chance(0.4)) softmax(w);
    if (w.forms.has("no batch axis") && w.chance(0.5)) w.at = w.axesForm("Squeeze", w.at, [0]);
  }
  const { nodes, weights } = w;
  const output = w.at;
  const more = w.chance(0.2);
  if (more) {
    nodes.push(node("Relu", {}, { name: "beside", input: [output], output: ["beside"] }));
    w.forms.add("several outputs");
  }
  if (w.chance(0.3)) {
    nodes.sort(() => random() - 0.5);
    w.forms.add("nodes out of order");
  }
  const inputs = w.chance(0.1) ? ["unused"] : [];
  if (inputs.length > 0) w.forms.add("an input that is not used");
  const bytes = onnxFile({ nodes, weights, dims, opset, output, inputs, outputs: more ? ["beside"] : [] });
  return { bytes, dims, forms: w.forms, opset, ...(more ? { output } : {}) };
}

// How the file takes its input: channels first or last, split or joined, with a batch axis or without.
function drawInputForm(w: Writer): (number | undefined)[] {
  const { shape } = w;
  const [c, ...plane] = shape;
  const count = shape.reduce((a, b) => a * b, 1);
  const form = w.pick([
    "as it is",
    "as it is",
    "channels last",
    "channels last, scaled",
    "flat",
    "rows",
    "no batch axis",
  ]);
  w.forms.add(form);
  const batch = w.chance(0.2) ? w.pick([1, 2]) : undefined;
  switch (form) {
    case "channels last":
    case "channels last, scaled":
      if (form !== "channels last") arithmetic(w, w.pick([[], [c], [...shape.map(() => 1), c]]));
      if (c === 1 && w.chance(0.5)) w.go("Reshape", [w.whole([-1, ...shape])]);
      else w.toFirst();
      return [batch, ...plane, c];
    case "flat":
      w.go("Reshape", [w.whole([-1, ...shape])]);
      return [batch, count];
    case "rows":
      w.go("Reshape", [w.whole([0, ...shape])]);
      return [batch, c * plane[0], ...plane.slice(1)];
    case "no batch axis":
      if (w.chance(0.5)) w.at = w.axesForm("Unsqueeze", w.at, [0]);
      else w.go("Reshape", [w.whole([1, ...shape])]);
      return [...shape];
    default:
      return [batch, ...shape];
  }
}
