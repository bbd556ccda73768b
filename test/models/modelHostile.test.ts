// Model files that are damaged, forged or something else: typed errors that say what to do, and no large allocations.
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  Conv2d,
  FormatError,
  Generator,
  HandgradError,
  Layer,
  Linear,
  ReLU,
  Sequential,
  ShapeError,
  StateBuffer,
  Parameter,
  Tensor,
  multiply,
  zeros,
  type LayerConfig,
} from "../../src/index.js";
import { decodeSafetensors, encodeSafetensors, loadModel, saveModel } from "../../src/entries/io.js";
import { CHECKSUM_KEY, MODEL_KEY, checksum, type ModelHeader } from "../../src/models/modelFormat.js";
import { target } from "../fuzz/targets/model.js";
import { throwsExactly } from "../support/errors.js";

class Gain extends Layer<null> {
  readonly factor = new Parameter(new Tensor([2]));
  constructor(readonly start: number = 2) {
    super();
  }
  forward(x: Tensor): Tensor {
    this.save(null);
    return multiply(x, 2);
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    return multiply(dy, 2);
  }
  override config(): LayerConfig {
    return { type: "Gain", args: [this.start] };
  }
}

const small = (): Uint8Array =>
  saveModel(new Sequential(["fc", new Linear(2, 2)]), { input: { shape: [2] }, classes: ["no", "yes"] });

/** The small file with another header and other tensors, and a right checksum. */
function forged(
  change: (header: Record<string, unknown>) => unknown,
  tensors: Record<string, Tensor> = decodeSafetensors(small()).tensors,
): Uint8Array {
  const header = JSON.parse(decodeSafetensors(small()).metadata[MODEL_KEY]) as Record<string, unknown>;
  const metadata = { [MODEL_KEY]: JSON.stringify(change(header) ?? header) };
  return encodeSafetensors(tensors, { ...metadata, [CHECKSUM_KEY]: checksum(tensors, metadata) });
}

const architecture = (type: string, args: unknown[], options?: object): Uint8Array =>
  forged(
    (header) =>
      void (header.architecture = { type: "Sequential", args: [["fc", { type, args, ...(options && { options }) }]] }),
  );

const refused = (bytes: Uint8Array, message: string, type: new (...args: never[]) => Error = FormatError): void =>
  throwsExactly(() => loadModel(bytes, { layers: { Gain } }), type, message);

describe("A damaged model file", () => {
  it("is refused for each flipped bit", () => {
    const bytes = small();
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(() => loadModel(bytes), `bit ${bit}`).toThrow(FormatError);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    loadModel(bytes);
  });

  it("is refused for each length that it is cut to", () => {
    for (const seed of target.seeds()) {
      for (let length = 0; length < seed.length; length++) {
        expect(() => target.parse(seed.subarray(0, length)), `length ${length}`).toThrow(FormatError);
      }
    }
  });

  it("may be written anew by another safetensors tool, in another order", () => {
    const { tensors, metadata } = decodeSafetensors(small());
    const turned = (object: Record<string, never>): Record<string, never> =>
      Object.fromEntries(Object.entries(object).reverse());
    const again = encodeSafetensors(turned(tensors as never), turned(metadata as never));
    expect(loadModel(again).classes).toEqual(["no", "yes"]);
  });

  it.each([
    [
      "weights that were changed elsewhere",
      () => {
        const { tensors, metadata } = decodeSafetensors(small());
        tensors["fc.bias"].data[0] += 1;
        return encodeSafetensors(tensors, metadata);
      },
      "loadModel: expected the content that the checksum says, got another one (the file is damaged or was changed; get it " +
        "again. Weights that another tool changed are loaded with model.loadStateDict(decodeSafetensors(bytes).tensors)).",
    ],
    [
      "nothing at all",
      () => new Uint8Array(0),
      "loadModel: expected a whole model file. decodeSafetensors: expected at least 8 bytes, got 0 (the file is cut short).",
    ],
    [
      "the page of an error",
      () => new TextEncoder().encode("<!DOCTYPE html><title>404</title>"),
      "loadModel: expected a model file that saveModel wrote, got bytes that begin with 3c 21 44 4f; this looks like an HTML " +
        "page, perhaps of a download that failed (look at the path or address, and at response.ok).",
    ],
    [
      "a file of weights alone",
      () => encodeSafetensors(new Linear(2, 2).stateDict(), { format: "pt" }),
      "loadModel: expected a model file, got a safetensors file of 2 tensors without an architecture (build the model, then " +
        "model.loadStateDict(decodeSafetensors(bytes).tensors)).",
    ],
    [
      "a checkpoint",
      () => encodeSafetensors(new Linear(2, 2).stateDict(), { format: "handgrad checkpoint" }),
      "loadModel: expected a model file, got a checkpoint (restoreCheckpoint reads it in the program that trains; saveModel " +
        "writes model files).",
    ],
    [
      "a newer version",
      () => forged((header) => void (header.version = 2)),
      "loadModel: expected a model file of version 1, got version 2 (a newer handgrad wrote it; update the package).",
    ],
  ] as const)("%s: said as such", (_, bytes, message) => refused(bytes(), message));
});

describe("A forged model file", () => {
  it.each(["constructor", "__proto__", "toString", "Object", "Function", "eval"])("has no layer of type %s", (type) => {
    expect(() => loadModel(architecture(type, ["return 1"]))).toThrow(ArgumentError);
    expect(() => loadModel(architecture(type, ["return 1"]))).toThrow(`got "${type}" at layer fc`);
  });

  it.each<[string, () => Uint8Array, string, (new (...args: never[]) => Error)?]>([
    [
      "an unknown type near a known one",
      () => architecture("Gian", []),
      'loadModel: expected a known class for each layer, got "Gian" at layer fc, did you mean "Gain" ' +
        "(give its class: loadModel(bytes, { layers: { Gian } })).",
      ArgumentError,
    ],
    [
      "a huge layer",
      () => architecture("Linear", [1e9, 1e9]),
      'loadModel: expected "fc.weight" of shape [1000000000, 1000000000] by the file\'s architecture, got [2, 2].',
    ],
    [
      "a huge convolution without numbers",
      () =>
        forged(
          (h) =>
            void (h.architecture = {
              type: "Sequential",
              args: [["c", { type: "Conv2d", args: [65536, 65536, [9999, 9999]] }]],
            }),
          {},
        ),
      'loadModel: expected a tensor "c.weight" by the file\'s architecture, got none.',
    ],
    [
      "a wrong argument",
      () => architecture("Linear", [2, "2"]),
      'loadModel: expected usable arguments at layer fc. Linear: expected outFeatures to be a whole number of at least 1, got "2".',
    ],
    [
      "an unknown option",
      () => architecture("Linear", [2, 2], { biass: true }),
      'loadModel: expected usable arguments at layer fc. Linear: unknown option "biass", did you mean "bias"? (options: bias).',
    ],
    [
      "a tensor too many",
      () => architecture("ReLU", []),
      'loadModel: expected no tensor "fc.weight" by the file\'s architecture, got one.',
    ],
    [
      "an outermost layer that is no Sequential",
      () => forged((h) => void (h.architecture = { type: "Linear", args: [2, 2] })),
      "loadModel: expected a Sequential or a Graph as the outermost layer, got an object (Linear).",
    ],
    [
      "no architecture",
      () => forged((h) => void (h.architecture = [1])),
      "loadModel: expected an architecture { type, args }, got [1].",
    ],
    [
      "an unknown field",
      () => forged((h) => void (h.code = "alert(1)")),
      'loadModel: unknown option "code" (options: version, architecture, shared, input, classes).',
    ],
    [
      "classes that are no texts",
      () => forged((h) => void (h.classes = [1])),
      "loadModel: expected classes[0] to be a text, got 1.",
    ],
    [
      "a spec that is none",
      () => forged((h) => void (h.input = { shape: [2, -1] })),
      "loadModel: expected input.shape[1] to be a whole number from 1 to 2147483647, got -1.",
    ],
    [
      "shared names that do not exist",
      () => forged((h) => void (h.shared = { "fc.weight": "constructor" })),
      'loadModel: expected "fc.weight" and "constructor", which are shared, to be two parameters or two buffers of the ' +
        "architecture, got another thing.",
    ],
    [
      "shared names of two shapes",
      () => forged((h) => void (h.shared = { "fc.bias": "fc.weight" })),
      'loadModel: expected "fc.bias", which shares the numbers of "fc.weight", of its shape [2, 2], got [2].',
    ],
    [
      'the key "__proto__"',
      () =>
        forged(
          (h) => JSON.parse(JSON.stringify(h).replace('"bias":true', '"__proto__":{"bias":false}')) as ModelHeader,
        ),
      'loadModel: expected an architecture without the key "__proto__", got one.',
    ],
    [
      "nesting without end",
      () => forged((h) => void (h.shared = JSON.parse("[".repeat(80) + "]".repeat(80)) as unknown)),
      'loadModel: expected JSON under "handgrad.model", got more than 64 levels (the file is damaged).',
    ],
    [
      "more layers than anybody has",
      () =>
        forged(
          (h) =>
            void (h.architecture = {
              type: "Sequential",
              args: Array.from({ length: 10_001 }, (_, i) => [`${i}`, { type: "ReLU", args: [] }]),
            }),
        ),
      "loadModel: expected at most 10000 layers, got more.",
    ],
  ])("%s: refused", (_, bytes, message, type) => refused(bytes(), message, type));

  it("gets typed errors for 3000 changes of all kinds, and changes no prototype", () => {
    const runs = Number(process.env.FUZZ_RUNS ?? 3000);
    const draws = new Generator("draw", { seed: Number(process.env.FUZZ_SEED ?? 1) });
    const random = (): number => draws.uniform();
    const counts = { loaded: 0, refused: 0 };
    const seeds = target.seeds();
    for (let run = 0; run < runs; run++) {
      let bytes = target.mutate(seeds[run % seeds.length], random);
      if (random() < 0.3) bytes = target.mutate(bytes, random);
      try {
        target.parse(bytes);
        counts.loaded++;
      } catch (error) {
        if (!(error instanceof HandgradError)) throw error;
        expect(error).not.toBeInstanceOf(ShapeError);
        expect(error.message.length).toBeLessThan(1500);
        counts.refused++;
      }
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(counts.refused).toBeGreaterThan(counts.loaded);
    expect(counts.loaded).toBeGreaterThan(0);
  });
});

describe("loadModel is given something else", () => {
  it.each<[string, unknown, string]>([
    [
      "a path",
      "m.safetensors",
      'got "m.safetensors" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer())',
    ],
    ["a Promise", Promise.resolve(), "got an object (Promise) (write await before it)"],
    ["a Response", new Response(""), "got an object (Response) (await response.arrayBuffer())"],
    ["a Blob", new Blob([]), "got an object (Blob) (await blob.arrayBuffer())"],
    ["floats", new Float32Array(2), "got Float32Array(2) (read the file first)"],
  ])("%s", (_, value, got) => {
    throwsExactly(
      () => loadModel(value as Uint8Array),
      ArgumentError,
      `loadModel: expected bytes (Uint8Array or ArrayBuffer), ${got}.`,
    );
  });

  it.each<[unknown, string]>([
    [{ layer: {} }, 'loadModel: unknown option "layer", did you mean "layers"? (options: layers).'],
    [{ layers: [Gain] }, "loadModel: expected layers as an object such as { MyLayer }, got [the class Gain]."],
    [
      { layers: { Linear: Gain } },
      'loadModel: expected layers of your own, got "Linear", which handgrad has (rename yours).',
    ],
    [
      { layers: { Gain: new Gain() } },
      "loadModel: expected layers.Gain to be a class that extends Layer, got an object (Gain) (the class itself, from one " +
        "copy of handgrad).",
    ],
  ])("options, case %#", (options, message) =>
    throwsExactly(() => loadModel(small(), options as object), ArgumentError, message),
  );
});

describe("saveModel refuses", () => {
  const net = (): Sequential => new Sequential(new Linear(2, 3));
  class Bare extends Layer<null> {
    forward(x: Tensor): Tensor {
      return x;
    }
    backward(dy: Tensor): Tensor {
      return dy;
    }
  }
  class MyReLU extends ReLU {}
  class Fake extends Bare {
    override config(): LayerConfig {
      return { type: "ReLU", args: [] };
    }
  }
  class Odd extends Bare {
    constructor(readonly args: unknown[] = []) {
      super();
    }
    override config(): LayerConfig {
      return { type: "Odd", args: this.args as never };
    }
  }
  class Unequal extends Sequential {}
  const withArgs = (...args: unknown[]): Sequential => new Sequential(["odd", new Odd(args)]);

  it.each<[string, () => unknown, string, (new (...args: never[]) => Error)?]>([
    [
      "a layer",
      () => saveModel(new Linear(2, 2) as never),
      'saveModel: expected a Sequential or a Graph, got an object (Linear) (wrap it: new Sequential(["net", model])).',
    ],
    [
      "weights",
      () => saveModel(net().stateDict() as never),
      "saveModel: expected a Sequential or a Graph, got an object (Object) (new Sequential(...) makes one).",
    ],
    [
      "a path",
      () => saveModel(net(), "m.safetensors" as never),
      'saveModel: expected an options object, got "m.safetensors" (it returns the bytes: writeFileSync("m.safetensors", saveModel(model))).',
    ],
    [
      "an unknown option",
      () => saveModel(net(), { class: [] } as never),
      'saveModel: unknown option "class", did you mean "classes"? (options: input, classes, metadata).',
    ],
    [
      "a layer without config",
      () => saveModel(new Sequential(new Sequential(["b", new Bare()]))),
      "0.b Bare: expected a layer that can be written down, got a class without a config() of its own (give it one that returns { type, args, options }).",
    ],
    [
      "a subclass that would be written as its parent",
      () => saveModel(new Sequential(new MyReLU())),
      "0 MyReLU: expected a layer that can be written down, got a class without a config() of its own (give it one that returns { type, args, options }).",
    ],
    [
      "a subclass of Sequential",
      () => saveModel(new Unequal(new ReLU())),
      "Unequal: expected a layer that can be written down, got a class without a config() of its own (give it one that returns { type, args, options }).",
    ],
    [
      "an object with two functions",
      () => saveModel(new Sequential(["f", { forward: (x: Tensor) => x, backward: (x: Tensor) => x }])),
      "f Layer: expected a layer that can be written down, got an object with forward and backward (make it a class that extends Layer and has config()).",
    ],
    [
      "a type that is another class",
      () => saveModel(new Sequential(new Fake())),
      '0 Fake: expected a config() with a type of its own, got "ReLU", which is another class (the file must tell them apart).',
    ],
    [
      "NaN in a config",
      () => saveModel(withArgs(NaN)),
      "saveModel: expected config() to hold plain JSON, got NaN at args[0][1].args[0] (numbers, texts, arrays and plain objects can be).",
    ],
    [
      "a tensor in a config",
      () => saveModel(withArgs(zeros([1]))),
      "saveModel: expected config() to hold plain JSON, got an object (Tensor) at args[0][1].args[0] (numbers, texts, arrays and plain objects can be).",
    ],
    [
      "a shape that the model does not take",
      () => saveModel(net(), { input: { shape: [3] } }),
      "0 Linear: expected input [N, 2], got [1, 3] (the weight is [3, 2]).",
      ShapeError,
    ],
    [
      "a class name too few",
      () => saveModel(net(), { input: { shape: [2] }, classes: ["a", "b"] }),
      "saveModel: expected a class name for each output, got 2 names for the output shape [3] (one sample, without the batch axis).",
    ],
    [
      "classes as a text",
      () => saveModel(net(), { classes: "abc" as never }),
      'saveModel: expected classes as an array of names, got "abc".',
    ],
    [
      "a number as a text",
      () => saveModel(net(), { metadata: { accuracy: 0.9 as never } }),
      "saveModel: expected metadata.accuracy to be a text, got 0.9 (use String(...)).",
    ],
    [
      "our keys",
      () => saveModel(net(), { metadata: { "handgrad.model": "{}" } }),
      'saveModel: expected metadata keys of your own, got "handgrad.model" ("handgrad." is taken).',
    ],
    [
      "a shape with a batch axis that is free",
      () => saveModel(net(), { input: { shape: [-1, 2] } }),
      "saveModel: expected input.shape[0] to be a whole number from 1 to 2147483647, got -1.",
    ],
    [
      "no shape",
      () => saveModel(net(), { input: {} as never }),
      "saveModel: expected input.shape as the shape of one sample, such as [3, 224, 224], got undefined.",
      ShapeError,
    ],
    [
      "a spec option misspelt",
      () => saveModel(net(), { input: { shape: [2], means: 1 } as never }),
      'saveModel input: unknown option "means", did you mean "mean"? (options: shape, layout, scale, mean, std).',
    ],
    [
      "mean for data that are no image",
      () => saveModel(net(), { input: { shape: [2], mean: 0.5 } }),
      "saveModel: expected input.mean only with a shape of three axes, got the shape [2] (it is for images; normalize other data before predict).",
    ],
    [
      "mean for two of three channels",
      () => saveModel(new Sequential(new Conv2d(3, 1, 3)), { input: { shape: [3, 8, 8], mean: [1, 2] } }),
      "saveModel: expected input.mean as one number, or one for each of 3 channels, got [1, 2].",
    ],
    [
      "std 0",
      () => saveModel(new Sequential(new Conv2d(3, 1, 3)), { input: { shape: [3, 8, 8], std: [1, 0, 1] } }),
      "saveModel: expected input.std[1] to be a finite number of at least 1e-30, got 0.",
    ],
  ])("%s", (_, act, message, type = ArgumentError) => throwsExactly(act, type, message));

  it("and leaves the layers as they were", () => {
    const layer = new MyReLU();
    const before = Object.getOwnPropertyDescriptors(layer);
    expect(() => saveModel(new Sequential(layer))).toThrow(ArgumentError);
    expect(Object.getOwnPropertyDescriptors(layer)).toEqual(before);
  });
});

describe("A loaded model refuses", () => {
  const loaded = loadModel(saveModel(new Sequential(new Conv2d(1, 2, 2)), { input: { shape: [1, 2, 2] } }));
  const bare = loadModel(saveModel(new Sequential(new Conv2d(1, 2, 2))));
  const image = (width: number, height: number, alpha: number = 255): never =>
    ({ data: new Uint8ClampedArray(4 * width * height).fill(alpha), width, height }) as never;

  it.each<[string, () => unknown, string, new (...args: never[]) => Error]>([
    [
      "another size",
      () => loaded.predict(image(4, 2)),
      "LoadedModel.predict: expected an image of 2 x 2 pixels, got 4 x 2 (give { resize: true } to stretch it, or draw it on a canvas of that size).",
      ShapeError,
    ],
    [
      "transparent pixels",
      () => loaded.predict(image(2, 2, 0)),
      "LoadedModel.predict: expected opaque pixels, got alpha 0 at x 0, y 0 (give { background: 255 } for white, or fill the canvas before drawing).",
      ArgumentError,
    ],
    [
      "a tensor of another shape",
      () => loaded.predict(zeros([1, 2, 2, 1])),
      "LoadedModel.predict: expected input [N, 1, 2, 2], got [1, 2, 2, 1] (model.predict of the loaded model's model takes whatever its layers take).",
      ShapeError,
    ],
    [
      "a tensor without the batch axis",
      () => loaded.predict(zeros([1, 2, 2])),
      "LoadedModel.predict: expected input [N, 1, 2, 2], got [1, 2, 2] (the batch axis is required: x.reshape([1, ...x.shape])).",
      ShapeError,
    ],
    [
      "resize for a tensor",
      () => loaded.predict(zeros([1, 1, 2, 2]), { resize: true }),
      "LoadedModel.predict: expected no resize with a Tensor, got one (it is for images).",
      ArgumentError,
    ],
    [
      "an image without a spec",
      () => bare.predict(image(2, 2)),
      "LoadedModel.predict: expected a Tensor, got an image for a model without an input spec (give one to saveModel: { input: { shape: [C, H, W] } }).",
      ArgumentError,
    ],
    [
      "an element of a page",
      () => loaded.predict({ tagName: "CANVAS" } as never),
      "LoadedModel.predict: expected a Tensor or an image { data, width, height }, got an object (Object) (context.getImageData gives an image).",
      ArgumentError,
    ],
    [
      "no images",
      () => loaded.predict([]),
      "LoadedModel.predict: expected a Tensor or an image { data, width, height }, got [] (context.getImageData gives an image).",
      ArgumentError,
    ],
    [
      "RGB bytes",
      () => loaded.predict({ data: new Uint8Array(12), width: 2, height: 2 }),
      "LoadedModel.predict: expected 16 bytes for 2 x 2 pixels of R, G, B, A, got 12 (add an alpha byte to each pixel).",
      ShapeError,
    ],
    [
      "float pixels",
      () => loaded.predict({ data: new Float32Array(16), width: 2, height: 2 } as never),
      "LoadedModel.predict: expected bytes (Uint8ClampedArray or Uint8Array), got Float32Array(16) (a canvas gives them with " +
        'pixelFormat "rgba-unorm8").',
      ArgumentError,
    ],
    [
      "an option misspelt",
      () => loaded.predict(image(2, 2), { rezise: true } as never),
      'LoadedModel.predict: unknown option "rezise", did you mean "resize"? (options: resize, background).',
      ArgumentError,
    ],
    [
      "a color beyond 255",
      () => loaded.predict(image(2, 2), { background: [0, 0, 256] }),
      "LoadedModel.predict: expected background[2] to be a finite number from 0 to 255, got 256.",
      ArgumentError,
    ],
    [
      "two samples to classify",
      () => bare.classify(zeros([2, 1, 2, 2])),
      "LoadedModel.classify: expected one sample, got 2 (predict takes many at once).",
      ShapeError,
    ],
    [
      "maps to classify",
      () => bare.classify(zeros([1, 1, 3, 3])),
      "LoadedModel.classify: expected a model that gives [1, 2], got [1, 2, 2, 2] (predict gives it as it is).",
      ShapeError,
    ],
  ])("%s", (_, act, message, type) => throwsExactly(act, type, message));

  it("to classify what is not finite", () => {
    const linear = new Sequential(new Linear(1, 2));
    linear.parameters()[0].value.data[1] = NaN;
    throwsExactly(
      () => loadModel(saveModel(linear)).classify(zeros([1, 1])),
      ArgumentError,
      "LoadedModel.classify: expected finite outputs, got NaN for class 0 (detectAnomaly(loaded.model, ...) finds the layer " +
        "that makes it).",
    );
  });

  it("layers that share otherwise than the saved ones", () => {
    class Twin extends Layer<null> {
      readonly a: Parameter;
      readonly b: Parameter;
      readonly mark = new StateBuffer(zeros([1]));
      constructor(tied: boolean = false) {
        super();
        this.a = new Parameter(zeros([1]));
        this.b = tied ? this.a : new Parameter(zeros([1]));
      }
      forward(x: Tensor): Tensor {
        return x;
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
      override config(): LayerConfig {
        return { type: "Twin", args: [] };
      }
    }
    class Tied extends Twin {
      constructor() {
        super(true);
      }
    }
    const bytes = saveModel(new Sequential(new Twin()));
    throwsExactly(
      () => loadModel(bytes, { layers: { Twin: Tied } }),
      FormatError,
      'loadModel: expected "0.b" to share no numbers, as in the saved model, got a layer that makes it otherwise.',
    );
    expect(loadModel(saveModel(new Sequential(new Twin(true))), { layers: { Twin } }).model.parameters().length).toBe(
      1,
    );
  });
});
