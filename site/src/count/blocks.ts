// A network as a line of text, "conv16k3-relu-max2p1-flat-lin10", and what handgrad says of it, block by block. Nothing is
// allocated: weights are drawn only when they are read.
import {
  AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Residual, Sequential, Sigmoid, Tanh, type Layer,
} from "handgrad"; // prettier-ignore

export const KINDS = ["conv", "bn", "relu", "tanh", "sigmoid", "max", "avg", "drop", "flat", "lin", "res"] as const;
export type Kind = (typeof KINDS)[number];
/** What the letters of a block mean, in the order of its fields. */
export const FIELDS = {
  conv: ["n", "k", "s", "p", "d", "g"], max: ["n", "s", "p"], avg: ["n", "s", "p"], drop: ["n"], lin: ["n"], res: ["n", "s"],
  bn: [], relu: [], tanh: [], sigmoid: [], flat: [],
} as const satisfies Record<Kind, readonly string[]>; // prettier-ignore
export type Field = "n" | "k" | "s" | "p" | "d" | "g";

export interface Block {
  readonly kind: Kind;
  /** n: outputs of conv, lin and res, the window of a pooling, percent of a dropout. */
  readonly values: Readonly<Partial<Record<Field, number>>>;
  /** A convolution without bias, written with nb. */
  readonly noBias: boolean;
}

/** A block's values with those left out. */
export function withDefaults({ kind, values }: Block): Record<Field, number> {
  const n = values.n ?? { conv: 16, lin: 10, res: 64, max: 2, avg: 2, drop: 50 }[kind as string] ?? 1;
  const pools = kind === "max" || kind === "avg";
  return { n, k: 3, s: pools ? n : 1, p: 0, d: 1, g: 1, ...values };
}

const WORD = new RegExp(`^(${KINDS.join("|")})(\\d+)?((?:[kspdg]\\d+)*)(nb)?$`);

/** The blocks of a text, or the word that is none. */
export function parse(text: string): Block[] | string {
  const blocks: Block[] = [];
  for (const word of text.split("-").filter((part) => part !== "")) {
    const match = WORD.exec(word);
    const kind = KINDS.find((one) => one === match?.[1]);
    if (match === null || kind === undefined) return word;
    const values: Partial<Record<Field, number>> = {};
    if (match[2] !== undefined) values.n = Number(match[2]);
    for (const [, letter, value] of match[3].matchAll(/([kspdg])(\d+)/g)) values[letter as Field] = Number(value);
    const known: readonly string[] = FIELDS[kind];
    if (Object.keys(values).some((field) => !known.includes(field))) return word;
    blocks.push({ kind, values, noBias: match[4] !== undefined });
  }
  return blocks;
}

export function format(blocks: readonly Block[]): string {
  return blocks.map((block) => {
    const { n, ...rest } = block.values;
    const letters = Object.entries(rest).map(([letter, value]) => `${letter}${value}`).join("");
    return `${block.kind}${n ?? ""}${letters}${block.noBias ? "nb" : ""}`;
  }).join("-"); // prettier-ignore
}

/** handgrad's layer for a block that is given an input [C, ...]. */
export function build(block: Block, shape: readonly number[]): Layer {
  const [C] = shape;
  const { n, k, s, p, d, g } = withDefaults(block);
  switch (block.kind) {
    case "conv":
      return new Conv2d(C, n, k, { stride: s, padding: p, dilation: d, groups: g, bias: !block.noBias });
    case "bn":
      return new BatchNorm2d(C);
    case "relu":
      return new ReLU();
    case "tanh":
      return new Tanh();
    case "sigmoid":
      return new Sigmoid();
    case "max":
      return new MaxPool2d(n, { stride: s, padding: p });
    case "avg":
      return new AvgPool2d(n, { stride: s, padding: p });
    case "drop":
      return new Dropout(n / 100);
    case "flat":
      return new Flatten();
    case "lin":
      return new Linear(C, n);
    case "res":
      return new Residual(residualBody(C, n, s), s === 1 && C === n ? null : projection(C, n, s));
  }
}

const noBias = { bias: false };
function residualBody(C: number, n: number, s: number): Sequential {
  const first = new Conv2d(C, n, 3, { stride: s, padding: 1, ...noBias });
  return new Sequential(
    first,
    new BatchNorm2d(n),
    new ReLU(),
    new Conv2d(n, n, 3, { padding: 1, ...noBias }),
    new BatchNorm2d(n),
  );
}

function projection(C: number, n: number, s: number): Sequential {
  return new Sequential(new Conv2d(C, n, 1, { stride: s, ...noBias }), new BatchNorm2d(n));
}

export interface Row {
  readonly block: Block;
  /** Without the batch axis. */
  readonly shape: readonly number[];
  readonly parameters: number;
  /** Multiplications for one sample. */
  readonly multiplications: number;
  /** Rows of the input that one output number sees, and by how many its neighbor's are moved. */
  readonly field: number;
  readonly jump: number;
  /** Bytes of the output of one sample. */
  readonly bytes: number;
}

export interface Count {
  readonly rows: readonly Row[];
  /** handgrad's own message, and the block that it is about. */
  readonly error: { readonly at: number; readonly message: string } | undefined;
  readonly parameters: number;
  readonly multiplications: number;
  /** Of outputs and their gradients, as `summary` counts; a flatten is a view. */
  readonly passBytes: number;
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

/** Everything about a network, up to the block that does not fit. */
export function count(input: readonly number[], blocks: readonly Block[]): Count {
  const rows: Row[] = [];
  let error: Count["error"];
  let shape = input;
  let [field, jump] = [1, 1];
  for (const [at, block] of blocks.entries()) {
    try {
      const layer = build(block, shape);
      const out = layer.outputShape([1, ...shape]).slice(1);
      const parameters = layer.parameters().reduce((sum, parameter) => sum + parameter.size, 0);
      [field, jump] = see(block, field, jump, shape);
      rows.push({
        ...{ block, shape: out, parameters, field, jump },
        multiplications: multiplications(block, shape, out),
        bytes: 4 * product(out),
      });
      shape = out;
    } catch (problem) {
      error = { at, message: problem instanceof Error ? problem.message : String(problem) };
      break;
    }
  }
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    ...{ rows, error, parameters: sum((row) => row.parameters), multiplications: sum((row) => row.multiplications) },
    passBytes: sum((row) => (row.block.kind === "flat" ? 0 : 2 * row.bytes)),
  };
}

// What one output number sees: each window widens it by (span - 1) steps of the input before. Once flat it is everything.
function see(block: Block, field: number, jump: number, shape: readonly number[]): [number, number] {
  const { n, k, s, d } = withDefaults(block);
  if (block.kind === "conv") return [field + d * (k - 1) * jump, jump * s];
  if (block.kind === "max" || block.kind === "avg") return [field + (n - 1) * jump, jump * s];
  if (block.kind === "res") return [field + 2 * jump + 2 * jump * s, jump * s];
  if (block.kind === "flat" && shape.length === 3) return [field + (Math.max(shape[1], shape[2]) - 1) * jump, jump];
  return [field, jump];
}

function multiplications(block: Block, shape: readonly number[], out: readonly number[]): number {
  const { n, k, g } = withDefaults(block);
  if (block.kind === "conv") return product(out) * (shape[0] / g) * k * k;
  if (block.kind === "lin") return shape[0] * n;
  if (block.kind === "res") {
    const places = product(out);
    const way = shape.join() === out.join() ? 0 : places * shape[0];
    return places * shape[0] * 9 + places * n * 9 + way;
  }
  return 0;
}

const vgg = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];
/** Known networks: input and text. */
export const NETWORKS = {
  lesson4: ["1,28,28", "conv16k3-relu-max2p1-conv32k3-relu-max2p1-flat-lin32-relu-drop30-lin10"],
  lesson1: ["3,32,32", "conv64k5-relu-max2-conv128k5-relu-max2-flat-lin10"],
  lesson2: ["1,28,28", "conv10k3p1-relu-max2-flat-lin100-relu-lin10"],
  lesson3: ["1,28,28", "conv32k3p1-relu-max2-drop50-conv64k3p1-relu-max2-drop50-flat-lin32-relu-lin10"],
  lenet: ["1,28,28", "conv6k5p2-tanh-avg2-conv16k5-tanh-avg2-flat-lin120-tanh-lin84-tanh-lin10"],
  alexnet: ["3,224,224", "conv64k11s4p2-relu-max3s2-conv192k5p2-relu-max3s2-conv384k3p1-relu-conv256k3p1-relu-conv256k3p1-relu-max3s2-flat-drop50-lin4096-relu-drop50-lin4096-relu-lin1000"],
  vgg16: ["3,224,224", `${vgg.map((n) => (n === 0 ? "max2" : `conv${n}k3p1-relu`)).join("-")}-flat-lin4096-relu-drop50-lin4096-relu-drop50-lin1000`],
  resnet18: ["3,224,224", "conv64k7s2p3nb-bn-relu-max3s2p1-res64-relu-res64-relu-res128s2-relu-res128-relu-res256s2-relu-res256-relu-res512s2-relu-res512-relu-avg7-flat-lin1000"],
} as const satisfies Record<string, readonly [string, string]>; // prettier-ignore
export type NetworkName = keyof typeof NETWORKS;
