// gradCheck: compares every hand-written gradient with a numerical one, in float64 on the reference backend.
// It works on layers, models and losses, also on your own.
import { setBackend } from "../backend/select.js";
import { reference } from "../backend/reference/backend.js";
import { finite, knownKeys, show, whole } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError, HandgradError, ShapeError } from "../base/errors.js";
import { GradCheckReport, type GradCheckFailure } from "./report.js";
import type { ClassTarget } from "../loss/crossEntropy.js";
import { Layer } from "../nn/layer.js";
import type { Parameter } from "../nn/parameter.js";
import { PlainObject, isForwardBackward, type ForwardBackward } from "../nn/plainObject.js";
import { setAside } from "../nn/protocol.js";
import { StateBuffer } from "../nn/stateBuffer.js";
import { keepFields } from "../nn/undisturbed.js";
import { namedState } from "../nn/walk.js";
import { fillNormal, normal } from "../numbers/normal.js";
import { Generator } from "../numbers/random.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, checkTensor, type FloatArray } from "../base/tensor.js";

/** A loss as gradCheck sees it. */
export interface LossLike {
  /** The loss. */
  forward(logits: Tensor, target: ClassTarget): number | Tensor;
  /** The gradient for the logits. */
  backward(dy?: Tensor): Tensor;
}

/** Options of {@link gradCheck}. */
export interface GradCheckOptions {
  /** For a loss: what its forward takes as target. */
  readonly target?: ClassTarget;
  /** Step of the differences. Default 1e-5 (1e-2 where the code falls back to float32). */
  readonly step?: number;
  /** Allowed error relative to the larger of both gradients. Default 1e-5 (5e-2 in float32). */
  readonly rtol?: number;
  /** Allowed absolute error. Default 1e-7 (1e-2 in float32). */
  readonly atol?: number;
  /** At most so many numbers of each tensor are checked, drawn at random. Default 100. */
  readonly samples?: number;
  /** Seed of the upstream gradient and of the drawn places. Default 0. */
  readonly seed?: number;
}

const MAX_ROUNDS = 20;

/**
 * Compares the gradients that `backward` computes with central differences of `forward`:
 * dL/dx[i] = (L(x + h e_i) - L(x - h e_i)) / 2h with L = sum of dy * forward(x) for a random dy (for a loss, L itself).
 *
 * Parameters, buffers and input are copied to float64 and everything runs on the reference backend; afterwards
 * parameters, gradients, buffers, modes, saved inputs, generators and the backend are as before. Where the function
 * has a kink at the input (ReLU at 0, a tie in a max window; seen by different slopes on both sides), the input is
 * drawn anew there and the report says so.
 *
 * @param target a layer, model, object with forward and backward, or loss (with `options.target`)
 * @param input an input for it, of a size as small as the question allows
 * @returns a report; `ok` tells whether all agree, `String(report)` where they do not
 *
 * @example
 * const report = gradCheck(new MyLayer(), randn([2, 3, 5, 5]));
 * if (!report.ok) throw new Error(String(report));
 */
export function gradCheck(
  target: Layer | ForwardBackward | LossLike,
  input: Tensor,
  options: GradCheckOptions = {},
): GradCheckReport {
  knownKeys("gradCheck", options, ["target", "step", "rtol", "atol", "samples", "seed"]);
  if (!Tensor.isTensor(input)) {
    throw new ArgumentError(`gradCheck: expected input to be a Tensor, got ${show(input)}.`);
  }
  const subject = options.target === undefined ? layerSubject(target) : lossSubject(target, options.target);
  const backend = setBackend(reference);
  const restore = subject.snapshot();
  try {
    return new Check(subject, input, options).run();
  } finally {
    restore();
    setBackend(backend);
  }
}

/** What is checked, whatever it is. */
interface Subject {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, parameter: Parameter])[];
  /** State that a forward may change; put back after each, so that every forward computes the same function. */
  readonly buffers: readonly StateBuffer[];
  readonly generators: readonly Generator[];
  forward(x: Tensor): Tensor;
  backward(dy: Tensor): Tensor;
  snapshot(): () => void;
}

function layerSubject(target: unknown): Subject {
  const foreign = target instanceof Layer ? "" : fromOtherCopy(target, LAYER);
  const plain = foreign === "" && isForwardBackward(target);
  const layer = target instanceof Layer ? target : plain ? new PlainObject(target) : undefined;
  if (layer === undefined) {
    const remedy = typeof target === "function" ? " (write new before it)" : foreign;
    throw new ArgumentError(`gradCheck: expected a layer, a model or a loss, got ${show(target)}${remedy}.`);
  }
  if (layer instanceof PlainObject && layer.wrapped.forward.length > 1) {
    throw new ArgumentError(
      `gradCheck: expected options.target for a loss, got none (give { target: labels }, what its forward takes ` +
        `second).`,
    );
  }
  const holders = [...layer.layers()].flatMap((inner) => (inner instanceof PlainObject ? [inner.wrapped] : [inner]));
  return {
    name: layer.describe().replace(/\(\)$/, ""),
    parameters: layer.namedParameters(),
    buffers: namedState(layer).flatMap(([, state]) => (state instanceof StateBuffer ? [state] : [])),
    generators: holders.flatMap((holder) =>
      Object.values(holder).filter((value): value is Generator => value instanceof Generator),
    ),
    forward: (x) => layer.forward(x),
    backward: (dy) => layer.backward(dy),
    snapshot: () => {
      const undo = [layer[setAside](), keepFields(layer)];
      return () => undo.forEach((each) => each());
    },
  };
}

function lossSubject(target: unknown, labels: ClassTarget): Subject {
  const loss = target as LossLike & { snapshot?(): () => void };
  let scalar = false;
  return {
    name: loss.constructor.name,
    parameters: [],
    buffers: [],
    generators: [],
    forward: (x) => {
      const value = loss.forward(x, sameFormat(labels, x));
      scalar = typeof value === "number";
      return typeof value === "number" ? (Tensor.float64([value], [1]) as unknown as Tensor) : value;
    },
    // The gradient of a scalar loss for an upstream gradient u is u times its own.
    backward: (dy) => {
      if (!scalar) return loss.backward(dy);
      const dx = loss.backward();
      for (let i = 0; i < dx.size; i++) dx.data[i] *= dy.data[0];
      return dx;
    },
    snapshot: () => loss.snapshot?.() ?? (() => undefined),
  };
}

function sameFormat(labels: ClassTarget, x: Tensor): ClassTarget {
  if (!Tensor.isTensor(labels) || x.dtype === "float32") return labels;
  return labels.toFloat64() as unknown as Tensor;
}

/** One run of the check. */
class Check {
  readonly #options: GradCheckOptions;
  readonly #subject: Subject;
  readonly #draws: Generator;
  readonly #float64: boolean;
  #x: Tensor;
  #rounds = 0;
  #redrawn = 0;

  constructor(subject: Subject, input: Tensor, options: GradCheckOptions) {
    this.#subject = subject;
    this.#options = options;
    const { seed = 0 } = options;
    this.#draws = new Generator("draw", { seed: whole("gradCheck", "seed", seed, 0), stream: 0 });
    this.#x = input.toFloat64() as unknown as Tensor;
    this.#float64 = this.#withCopies(true, () => this.#runsInFloat64());
    if (!this.#float64) this.#x = input.clone();
  }

  run(): GradCheckReport {
    return this.#withCopies(this.#float64, () => {
      for (;;) {
        const outcome = this.#round();
        if (outcome !== "kink") return outcome;
      }
    });
  }

  // Puts copies in the place of parameters and buffers while `work` runs.
  #withCopies<T>(float64: boolean, work: () => T): T {
    const parameters = this.#subject.parameters.map(([, parameter]) => parameter);
    const undo = [...parameters, ...this.#subject.buffers].map((state) => {
      const { value } = state;
      return state.substitute(float64 ? (value.toFloat64() as unknown as Tensor) : value.clone());
    });
    const states = this.#subject.generators.map((generator) => generator.state);
    try {
      return work();
    } finally {
      undo.forEach((restore) => restore());
      this.#subject.generators.forEach((generator, i) => (generator.state = states[i]));
    }
  }

  // Code that makes its own Float32Array answers in float32, or trips over the mix.
  #runsInFloat64(): boolean {
    try {
      return this.#forward().dtype === "float64";
    } catch (error) {
      if (error instanceof HandgradError && /float32|float64/.test(error.message)) return false;
      throw error;
    }
  }

  // The same draws of dropout and the same buffers in each forward.
  #forward(): Tensor {
    const { generators, buffers, name } = this.#subject;
    const states = generators.map((generator) => generator.state);
    const numbers = buffers.map((buffer) => buffer.value.data.slice());
    const y = this.#subject.forward(this.#x);
    generators.forEach((generator, i) => (generator.state = states[i]));
    buffers.forEach((buffer, i) => buffer.value.data.set(numbers[i]));
    return checkTensor(`gradCheck ${name}`, "the result of forward", y);
  }

  #backward(dy: Tensor): Tensor {
    const who = `gradCheck ${this.#subject.name}`;
    const dx = checkTensor(who, "the result of backward", this.#subject.backward(dy));
    if (sameShape(dx.shape, this.#x.shape)) return dx;
    throw new ShapeError(
      `${who}: expected backward to return a gradient of the input's shape ${formatShape(this.#x.shape)}, got ` +
        `${formatShape(dx.shape)}.`,
    );
  }

  #round(): GradCheckReport | "kink" {
    const { rtol, atol, step } = this.#tolerances();
    const y = this.#forward();
    const dy = y.like();
    fillNormal(this.#draws, dy.data as FloatArray, 0, 1);
    for (const [, parameter] of this.#subject.parameters) parameter.zeroGrad();
    const dx = this.#backward(dy);
    const failures: GradCheckFailure[] = [];
    const kinks: number[] = [];
    let checked = 0;
    let maxError = 0;
    for (const [name, numbers, gradient] of this.#tensors(dx)) {
      for (const index of this.#places(numbers.length)) {
        const slopes = this.#slopes(numbers, index, dy, step);
        const analytic = gradient[index];
        const error = Math.abs(analytic - slopes.central);
        checked++;
        const allowed = atol + rtol * Math.max(Math.abs(analytic), Math.abs(slopes.central));
        // An infinite gradient would allow itself an infinite error.
        if (error <= allowed && Number.isFinite(error)) {
          maxError = Math.max(maxError, error);
          continue;
        }
        const gap = Math.abs(slopes.right - slopes.left);
        const kink = gap > 1e-3 * Math.max(Math.abs(slopes.right), Math.abs(slopes.left), 1e-3);
        if (this.#float64 && kink && this.#rounds < MAX_ROUNDS) {
          if (numbers !== this.#x.data) return this.#moveInput();
          kinks.push(index);
          continue;
        }
        maxError = error >= maxError ? error : Number.isNaN(error) ? NaN : maxError;
        failures.push({ tensor: name, index, analytic, numeric: slopes.central, error });
      }
      if (kinks.length > 0) return this.#redraw(kinks);
    }
    const { name } = this.#subject;
    return new GradCheckReport({ name, failures, checked, maxError, redrawn: this.#redrawn, float64: this.#float64 });
  }

  #tolerances(): { rtol: number; atol: number; step: number } {
    const fine = this.#float64;
    const { rtol = fine ? 1e-5 : 5e-2, atol = fine ? 1e-7 : 1e-2, step = fine ? 1e-5 : 1e-2 } = this.#options;
    if (step === 0) throw new ArgumentError("gradCheck: expected step to be above 0, got 0.");
    finite("gradCheck", "rtol", rtol, 0);
    finite("gradCheck", "atol", atol, 0);
    finite("gradCheck", "step", step, 0);
    return { rtol, atol, step };
  }

  *#tensors(dx: Tensor): Iterable<[name: string, numbers: FloatArray, gradient: FloatArray]> {
    yield ["input", this.#x.data, dx.data];
    for (const [name, parameter] of this.#subject.parameters) {
      yield [name, parameter.value.data, parameter.grad.data.slice()];
    }
  }

  #places(size: number): Iterable<number> {
    const { samples = 100 } = this.#options;
    whole("gradCheck", "samples", samples, 1);
    return size <= samples ? Array(size).keys() : this.#draws.permutation(size).subarray(0, samples);
  }

  #slopes(x: FloatArray, i: number, dy: Tensor, step: number): { central: number; left: number; right: number } {
    const at = x[i];
    const h = step * Math.max(1, Math.abs(at));
    const lossAt = (value: number): number => {
      x[i] = value;
      const y = this.#forward();
      let loss = 0;
      for (let k = 0; k < y.size; k++) loss += y.data[k] * dy.data[k];
      return loss;
    };
    try {
      const [low, middle, high] = [lossAt(at - h), lossAt(at), lossAt(at + h)];
      return { central: (high - low) / (2 * h), left: (middle - low) / h, right: (high - middle) / h };
    } finally {
      x[i] = at;
    }
  }

  // Kinks seen at input numbers move those numbers; one seen at a parameter moves the whole input a little.
  #redraw(places: readonly number[]): "kink" {
    this.#rounds++;
    this.#redrawn += places.length;
    for (const index of places) this.#x.data[index] += normal(this.#draws);
    return "kink";
  }

  #moveInput(): "kink" {
    const { data } = this.#x;
    this.#rounds++;
    this.#redrawn += data.length;
    for (let i = 0; i < data.length; i++) data[i] += 0.1 * normal(this.#draws);
    return "kink";
  }
}
