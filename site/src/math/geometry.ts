// Where a window lies: sizes, padding modes and places, for a convolution or a pooling of one image. No numbers of the image.

export type Pair = readonly [number, number];
/** Top, bottom, left, right. */
export type Sides = readonly [number, number, number, number];
export type Op = "conv" | "max" | "avg";
export type Mode = "zeros" | "circular" | "reflect" | "replicate";

/** Shapes and options of one layer on one image. */
export interface Geometry {
  readonly op: Op;
  /** Channels, rows and columns of the image. */
  readonly C: number;
  readonly H: number;
  readonly W: number;
  /** Channels of the output; poolings have as many as the image. */
  readonly O: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Sides;
  readonly mode: Mode;
  readonly groups: number;
  /** A convolution in the mathematical sense: the kernel is turned by 180 degrees before it is laid on. */
  readonly flip: boolean;
}

/** Why no window fits. The page has a sentence for each. */
export type Misfit = "kernelTooLarge" | "groups" | "border" | "poolPadding" | "emptyWindow";

/** Rows and columns that a kernel spans with its dilation. */
export function span({ kernel, dilation }: Geometry): Pair {
  return [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1];
}

/** Rows and columns of the image with its padding. */
export function framed({ H, W, padding: [top, bottom, left, right] }: Geometry): Pair {
  return [top + H + bottom, left + W + right];
}

/** floor((size + padding - span) / stride) + 1, of rows and columns. */
export function outputSize(g: Geometry): Pair {
  const [rows, columns] = framed(g);
  const [high, wide] = span(g);
  return [Math.floor((rows - high) / g.stride[0]) + 1, Math.floor((columns - wide) / g.stride[1]) + 1];
}

/** What keeps the layer from running, or undefined. The limits are those of PyTorch and handgrad. */
export function misfit(g: Geometry): Misfit | undefined {
  if (g.op === "conv" && (g.C % g.groups !== 0 || g.O % g.groups !== 0)) return "groups";
  const [top, bottom, left, right] = g.padding;
  if (g.op === "conv" && g.mode !== "zeros" && g.mode !== "replicate") {
    const most = g.mode === "circular" ? 0 : 1; // a reflected border does not repeat the edge
    if (Math.max(top, bottom) > g.H - most || Math.max(left, right) > g.W - most) return "border";
  }
  if (g.op !== "conv" && (top * 2 > g.kernel[0] || left * 2 > g.kernel[1])) return "poolPadding";
  const [rows, columns] = outputSize(g);
  if (rows < 1 || columns < 1) return "kernelTooLarge";
  const empty =
    onlyPadding(rows, g.H, g.padding[0], g.kernel[0], g.stride[0], g.dilation[0]) ||
    onlyPadding(columns, g.W, g.padding[2], g.kernel[1], g.stride[1], g.dilation[1]);
  return g.op === "max" && empty ? "emptyWindow" : undefined;
}

// Whether one of the windows along an axis sees no number of the image: it has no largest.
function onlyPadding(
  windows: number,
  size: number,
  before: number,
  kernel: number,
  stride: number,
  dilation: number,
): boolean {
  const sees = (window: number): boolean =>
    Array.from({ length: kernel }, (_, k) => window * stride + k * dilation - before).some(
      (at) => at >= 0 && at < size,
    );
  return !Array.from({ length: windows }, (_, window) => window).every(sees);
}

/** The place in a row of `size` numbers that a place outside stands for, or -1 in a border of zeros. */
export function source(place: number, size: number, mode: Mode): number {
  if (place >= 0 && place < size) return place;
  if (mode === "zeros") return -1;
  if (mode === "replicate") return place < 0 ? 0 : size - 1;
  if (mode === "circular") return (place + size) % size;
  return place < 0 ? -place : 2 * (size - 1) - place;
}

/** One number under a window: where it stands and which weight meets it. */
export interface Tap {
  /** Its place in the kernel as it lies on the image. */
  readonly k: number;
  readonly l: number;
  /** Row and column in the framed image (padding included). */
  readonly row: number;
  readonly column: number;
  /** Index in the image [C, H, W]; -1 in a border of zeros. */
  readonly x: number;
  /** Index in the kernels [O, C / groups, KH, KW]; -1 for a pooling. */
  readonly w: number;
}

/** The taps of output entry [o, i, j], channel by channel, row by row. */
export function taps(g: Geometry, o: number, i: number, j: number): Tap[] {
  const [KH, KW] = g.kernel;
  const found: Tap[] = [];
  const perGroup = g.op === "conv" ? g.C / g.groups : 1;
  const first = g.op === "conv" ? Math.floor(o / (g.O / g.groups)) * perGroup : o;
  for (let c = 0; c < perGroup; c++) {
    for (let k = 0; k < KH; k++) {
      for (let l = 0; l < KW; l++) {
        const row = i * g.stride[0] + k * g.dilation[0];
        const column = j * g.stride[1] + l * g.dilation[1];
        const h = source(row - g.padding[0], g.H, g.mode);
        const w = source(column - g.padding[2], g.W, g.mode);
        const x = h < 0 || w < 0 ? -1 : ((first + c) * g.H + h) * g.W + w;
        const [a, b] = g.flip ? [KH - 1 - k, KW - 1 - l] : [k, l];
        found.push({ k, l, row, column, x, w: g.op === "conv" ? ((o * perGroup + c) * KH + a) * KW + b : -1 });
      }
    }
  }
  return found;
}
