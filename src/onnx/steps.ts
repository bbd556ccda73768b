// Steps: the layers of a graph while it is read, one after the other, each pointing at the one before it. Multiplications and
// additions of constants (an Add behind Conv, a BatchNormalization, the scaling of an input) are steps of their own only until a
// convolution or Linear beside them takes them in, which computes the same: w (s x + t) + b = (w s) x + (w t + b).
import { ArgumentError, ShapeError } from "../base/errors.js";
import { sizeOf, type Shape } from "../base/shape.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { Parameter } from "../nn/parameter.js";
import { Flatten } from "../nn/shape/flatten.js";
import { core, isAmong, lengthOf, places, type Axes, type Axis } from "./axes.js";
import type { NodeView } from "./nodeView.js";

/** The axes of the tensor between two layers. What a file calls its input may be laid out as its first layer wants it. */
export class Frame {
  constructor(
    public axes: Axes,
    /** Whether a layer depends on it. */
    public isFixed: boolean,
  ) {}
}

/** Asks for room for so many numbers that are computed from the file's; throws when they are too many for its size. */
export type Spend = (node: NodeView, count: number) => void;

let steps = 0;

/** One step of the work. */
export abstract class Step {
  /** Whether several nodes read what it computes; then it stays as it is. */
  isShared = false;
  /** Later steps have larger ones. */
  readonly serial = steps++;

  constructor(
    readonly node: NodeView,
    public before: Step | undefined,
  ) {}

  /** All steps that it reads; undefined stands for the input. */
  get reads(): readonly (Step | undefined)[] {
    return [this.before];
  }
}

/** A layer that joins what several steps give. */
export class JoinStep extends Step {
  readonly #inputs: readonly (Step | undefined)[];

  constructor(
    node: NodeView,
    inputs: readonly (Step | undefined)[],
    readonly layer: Layer,
    /** Of its inputs, as the layers have them. */
    readonly shapes: readonly Shape[],
  ) {
    super(node, inputs[0]);
    this.#inputs = inputs;
  }

  override get reads(): readonly (Step | undefined)[] {
    return this.#inputs;
  }
}

/** A layer. */
export class LayerStep extends Step {
  constructor(
    node: NodeView,
    before: Step | undefined,
    public layer: Layer,
    /** The name of its weight in the file, if it has one. */
    readonly weight?: string,
  ) {
    super(node, before);
  }
}

/** A Conv2d or Linear, which can take in what stands before and behind it. */
export class WeightedStep extends LayerStep {
  #weight: () => Float32Array;
  #bias: (() => Float32Array) | undefined;

  constructor(
    node: NodeView,
    before: Step | undefined,
    override layer: Conv2d | Linear,
    name: string,
    /** The layer's input channels or features, and its output's. */
    readonly inputs: Axis,
    readonly outputs: Axis,
    weight: () => Float32Array,
    bias: (() => Float32Array) | undefined,
    /** Whether zeros are added around its input. */
    readonly isPadded: boolean,
  ) {
    super(node, before, layer, name);
    this.#weight = weight;
    this.#bias = bias;
  }

  /** Takes in the steps before it where that is exact, and returns their nodes. A Flatten between moves no number. */
  takeBefore(spend: Spend): readonly NodeView[] {
    const taken: NodeView[] = [];
    let flatten: LayerStep | undefined;
    for (let step = this.before; step !== undefined && !step.isShared;) {
      if (step instanceof AffineStep && this.#foldBefore(step, spend)) {
        taken.push(...step.nodes);
        if (flatten === undefined) this.before = step.before;
        else flatten.before = step.before;
      } else if (step instanceof LayerStep && step.layer instanceof Flatten) {
        flatten = step;
      } else {
        break;
      }
      step = step.before;
    }
    return taken;
  }

  // w' = w s, b' = b + sum of w t. Zeros of a padding would have to become -t / s.
  #foldBefore({ pieces, scale, shift }: AffineStep, spend: Spend): boolean {
    const isShifted = shift.some((value) => value !== 0);
    if (!isAmong(pieces, this.inputs) || (isShifted && this.isPadded)) return false;
    const { weight } = this.layer;
    const [outputs, inputs, ...kernel] = weight.shape;
    const [area, groups] = [sizeOf(kernel), lengthOf(this.inputs) / inputs];
    spend(this.node, weight.size + lengthOf(this.inputs) + outputs);
    const from = places(pieces, this.inputs);
    const w = this.#weight();
    const scaled = new Float32Array(w.length);
    const bias = Float64Array.from(this.#bias?.() ?? new Float32Array(outputs));
    for (let o = 0; o < outputs; o++) {
      const first = Math.floor(o / (outputs / groups)) * inputs;
      for (let i = 0; i < inputs; i++) {
        const at = from[first + i];
        for (let k = 0; k < area; k++) {
          const place = (o * inputs + i) * area + k;
          scaled[place] = w[place] * scale[at];
          bias[o] += w[place] * shift[at];
        }
      }
    }
    this.#set(scaled, isShifted || this.#bias !== undefined ? Float32Array.from(bias) : undefined);
    return true;
  }

  /** y' = s y + t behind it: w' = w s, b' = b s + t. False where it is not one number for each output. */
  takeBehind(pieces: Axis, scale: Float64Array, shift: Float64Array, spend: Spend): boolean {
    if (this.isShared || !isAmong(pieces, this.outputs)) return false;
    const { weight } = this.layer;
    const outputs = weight.shape[0];
    const isScaled = scale.some((value) => value !== 1);
    spend(this.node, (isScaled ? weight.size : 0) + outputs);
    const from = places(pieces, this.outputs);
    const before = this.#bias?.();
    const bias = Float32Array.from({ length: outputs }, (_, o) => {
      return before === undefined ? shift[from[o]] : before[o] * scale[from[o]] + shift[from[o]];
    });
    if (!isScaled) {
      this.#set(undefined, bias);
      return true;
    }
    const w = this.#weight();
    const scaled = new Float32Array(w.length);
    const row = weight.size / outputs;
    for (let o = 0; o < outputs; o++) {
      for (let i = o * row; i < (o + 1) * row; i++) scaled[i] = w[i] * scale[from[o]];
    }
    const isShifted = before !== undefined || shift.some((value) => value !== 0);
    this.#set(scaled, isShifted ? bias : undefined);
    return true;
  }

  /** Makes a constant of the file its bias, if it has none. */
  takeBias(parameter: Parameter, numbers: () => Float32Array): void {
    this.#bias = numbers;
    this.layer.bias = parameter;
  }

  get hasBias(): boolean {
    return this.#bias !== undefined;
  }

  #set(weight: Float32Array | undefined, bias: Float32Array | undefined): void {
    if (weight !== undefined) {
      this.#weight = () => weight;
      this.layer.weight = filledParameter(this.layer.weight.shape, weight);
    }
    this.#bias = bias === undefined ? undefined : () => bias;
    this.layer.bias = bias === undefined ? null : filledParameter([bias.length], bias);
  }
}

/** A parameter that takes these numbers when it is first looked at. */
export function filledParameter(shape: Shape, numbers: Float32Array): Parameter {
  let from: Float32Array | undefined = numbers;
  return new Parameter(shape, (to) => {
    if (from !== undefined) to.data.set(from);
    from = undefined; // once; then the copy can go
  });
}

/** y = scale x + shift, with one number of each for every place along some pieces of the axes (or one for all). */
export class AffineStep extends Step {
  /** All that it is made of. */
  readonly nodes: NodeView[] = [this.node];

  constructor(
    node: NodeView,
    before: Step | undefined,
    readonly frame: Frame,
    public pieces: Axis,
    public scale: Float64Array,
    public shift: Float64Array,
  ) {
    super(node, before);
  }

  /** This one, then another. */
  then(node: NodeView, pieces: Axis, scale: Float64Array, shift: Float64Array, spend: Spend): void {
    this.nodes.push(node);
    const own = new Set(core(this.pieces));
    const all = [...own, ...core(pieces).filter((piece) => !own.has(piece))];
    const count = lengthOf(all);
    spend(node, 4 * count);
    const [first, second] = [places(this.pieces, all), places(pieces, all)];
    const next = (i: number): number => this.shift[first[i]] * scale[second[i]] + shift[second[i]];
    const shifts = Float64Array.from({ length: count }, (_, i) => next(i));
    this.scale = Float64Array.from({ length: count }, (_, i) => this.scale[first[i]] * scale[second[i]]);
    this.shift = shifts;
    this.pieces = all;
  }
}

const MOST_SQUARE = 1024; // features; their Linear has a weight of 4 MiB
const WHY = "we have no layer for it where no convolution or Linear beside it can take it in";

/** The layer of a step that nothing has taken in: a 1x1 convolution of each channel, or a Linear with a diagonal weight. */
export function affineLayer({ node, frame, pieces, scale, shift }: AffineStep, spend: Spend): Layer {
  const { axes } = frame;
  const isImage = axes.length === 4 && isAmong(pieces, axes[1]);
  const along = axes[1] ?? [];
  const count = lengthOf(along);
  if ((axes.length !== 2 && !isImage) || !isAmong(pieces, along)) {
    return node.fail(`expected one number for all, or one for each channel or feature, got others (${WHY})`);
  }
  if (!isImage && count > MOST_SQUARE) {
    return node.fail(`expected at most ${MOST_SQUARE} features, got ${count} (${WHY})`);
  }
  spend(node, 4 * count);
  const from = places(pieces, along);
  const hasBias = shift.some((value) => value !== 0);
  const factors = Float32Array.from({ length: count }, (_, c) => scale[from[c]]);
  const layer = isImage
    ? new Conv2d(count, count, 1, { groups: count, bias: hasBias })
    : new Linear(count, count, { bias: hasBias });
  layer.weight = isImage ? filledParameter([count, 1, 1, 1], factors) : diagonalParameter(factors);
  if (hasBias) {
    const bias = Float32Array.from({ length: count }, (_, c) => shift[from[c]]);
    layer.bias = filledParameter([count], bias);
  }
  return layer;
}

function diagonalParameter(diagonal: Float32Array): Parameter {
  const count = diagonal.length;
  return new Parameter([count, count], (to) => {
    to.data.fill(0);
    for (let i = 0; i < count; i++) to.data[i * count + i] = diagonal[i];
  });
}

/** Runs code of layers for a node: what they refuse is the file's fault here. */
export function atNode<T>(node: NodeView, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof ShapeError)) throw error;
    return node.fail(`expected a layer that can be built, got: ${error.message.replace(/\.$/, "")}`);
  }
}
