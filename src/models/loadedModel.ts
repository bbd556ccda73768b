// A model that came from a file, with what the file says about it: predict from tensors or pixels, classify by name.
import { isRecord, knownKeys, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Layer } from "../nn/layer.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import { Sigmoid } from "../nn/activation/sigmoid.js";
import { Softmax } from "../nn/activation/softmax.js";
import { inPlace } from "../nn/place.js";
import { softmax } from "../ops/softmax.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { imagesToTensor, isRgba, type ImageOptions, type RgbaImage } from "./imageInput.js";
import type { FullInputSpec } from "./inputSpec.js";

/** Options of {@link LoadedModel.classify}. */
export interface ClassifyOptions extends ImageOptions {
  /** How many classes are told, the likeliest first. Default 5, or all if there are fewer. */
  readonly top?: number;
}

/** One class and how likely it is. */
export interface Classification {
  /** Name of the class; its index as a text if the file has no names. */
  readonly name: string;
  /** Place among the model's outputs. */
  readonly index: number;
  /** From 0 to 1. */
  readonly probability: number;
}

/** What goes into a model: a tensor, or pixels of one image or of several. */
export type ModelInput = Tensor | RgbaImage | readonly RgbaImage[];

/** What {@link loadModel} returns. */
export class LoadedModel {
  /** The model itself: to train on, for its layers, for its summary. */
  readonly model: Sequential | Graph;
  /** What it takes; null if the file does not say it. */
  readonly input: FullInputSpec | null;
  /** Name of each output; null if the file does not say it. */
  readonly classes: readonly string[] | null;
  /** The texts that were given to `saveModel`. */
  readonly metadata: Readonly<Record<string, string>>;

  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;

  /** @internal Made by loadModel. */
  constructor(
    model: Sequential | Graph,
    input: FullInputSpec | null,
    classes: readonly string[] | null,
    metadata: Readonly<Record<string, string>>,
  ) {
    this.model = model;
    this.input = input;
    this.classes = classes;
    this.metadata = Object.freeze(metadata);
  }

  /**
   * What the model predicts (logits for a classifier), one row for each sample.
   *
   * - A Tensor [N, ...input.shape] goes to the model as it is: normalized already, as in training.
   * - Pixels (an ImageData, or several in an array) are normalized by the input spec:
   *   (byte * scale - mean) / std; for a model of one channel gray, 0.299 R + 0.587 G + 0.114 B, as `fromRgba`.
   *
   * A graph with several inputs or outputs takes a record of inputs by name, and gives one of outputs by name.
   *
   * @throws ShapeError when the size is another one than the input spec's
   * @throws ArgumentError for pixels without an input spec, or transparent pixels without a background
   */
  predict(input: ModelInput, options?: ImageOptions): Tensor;
  /** Inputs by name; gives the outputs by name. */
  predict(input: Readonly<Record<string, ModelInput>>, options?: ImageOptions): Record<string, Tensor>;
  predict(
    input: ModelInput | Readonly<Record<string, ModelInput>>,
    options: ImageOptions = {},
  ): Tensor | Record<string, Tensor> {
    const who = "LoadedModel.predict";
    const { model } = this;
    if (!(model instanceof Graph) || !isNamed(input)) return model.predict(this.#read(who, input, options));
    const read = Object.entries(input).map(([name, each]) => [
      name,
      inPlace(name, () => this.#read(who, each, options)),
    ]);
    return model.predict(Object.fromEntries(read) as Record<string, Tensor>);
  }

  /**
   * The likeliest classes of one sample with their probabilities: the softmax of the model's outputs, or the outputs
   * themselves if its last layer is a Softmax or a Sigmoid. The input is as for {@link LoadedModel.predict}.
   *
   * @example
   * loaded.classify(imageData, { top: 3 }); // [{ name: "seven", index: 7, probability: 0.98 }, ...]
   */
  classify(input: Tensor | RgbaImage, options: ClassifyOptions = {}): Classification[] {
    const who = "LoadedModel.classify";
    knownKeys(who, options, ["top", "resize", "background"]);
    const { top, ...imageOptions } = options;
    const x = this.#read(who, input, imageOptions);
    if (x.shape[0] !== 1) {
      throw new ShapeError(`${who}: expected one sample, got ${x.shape[0]} (predict takes many at once).`);
    }
    const y = this.model.predict(x);
    const count = this.classes?.length ?? y.shape[1];
    if (y.rank !== 2 || y.shape[1] !== count || count === 0) {
      throw new ShapeError(
        `${who}: expected a model that gives [1, ${count ?? "classes"}], got ${formatShape(y.shape)} (predict gives it ` +
          `as it is).`,
      );
    }
    const told = top === undefined ? Math.min(5, count) : whole(who, "top", top, 1, count);
    const last = lastLayer(this.model);
    const { data } = last instanceof Softmax || last instanceof Sigmoid ? y : softmax(y, 1);
    const odd = data.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) {
      throw new ArgumentError(
        `${who}: expected finite outputs, got ${data[odd]} for class ${odd} (detectAnomaly(loaded.model, ...) finds the layer ` +
          `that makes it).`,
      );
    }
    const order = Array.from(data.keys()).sort((a, b) => data[b] - data[a] || a - b);
    return order.slice(0, told).map((index) => {
      return { name: this.classes?.[index] ?? String(index), index, probability: data[index] };
    });
  }

  /**
   * For JSON.stringify, which is refused.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError(
      "LoadedModel: expected bytes of a model, got JSON.stringify (saveModel(loaded.model) writes them).",
    );
  }

  #read(who: string, input: unknown, options: ImageOptions): Tensor {
    if (Tensor.isTensor(input)) return this.#checkTensor(who, input, options);
    const images: unknown = isRgba(input) ? [input] : input;
    if (!Array.isArray(images) || images.length === 0) {
      throw new ArgumentError(
        `${who}: expected a Tensor or an image { data, width, height }, got ${show(input)} (context.getImageData gives ` +
          `an image).`,
      );
    }
    if (this.input === null) {
      throw new ArgumentError(
        `${who}: expected a Tensor, got an image for a model without an input spec (give one to saveModel: ` +
          `{ input: { shape: [C, H, W] } }).`,
      );
    }
    return imagesToTensor(who, images as RgbaImage[], this.input, options);
  }

  #checkTensor(who: string, x: Tensor, options: ImageOptions): Tensor {
    const [option] = Object.keys(options);
    if (option !== undefined) {
      throw new ArgumentError(`${who}: expected no ${option} with a Tensor, got one (it is for images).`);
    }
    if (this.input === null || sameShape(x.shape.slice(1), this.input.shape)) return x;
    const { shape } = this.input;
    const remedy = sameShape(x.shape, shape)
      ? "the batch axis is required: x.reshape([1, ...x.shape])"
      : "model.predict of the loaded model's model takes whatever its layers take";
    throw new ShapeError(
      `${who}: expected input ${formatShape(["N", ...shape])}, got ${formatShape(x.shape)} (${remedy}).`,
    );
  }
}

// An object that is neither a tensor nor pixels.
function isNamed(input: unknown): input is Readonly<Record<string, ModelInput>> {
  return isRecord(input) && !isRgba(input);
}

// What gives the model's one output.
function lastLayer(model: Sequential | Graph): Layer | undefined {
  const last =
    model instanceof Graph ? model.namedChildren().find(([name]) => name === model.outputs[0])?.[1] : [...model].at(-1);
  return last instanceof Sequential || last instanceof Graph ? lastLayer(last) : last;
}
