// Misuse of data and files, of the gradient check and of the bridge to ndarray.
import { describe } from "vitest";
import { ArgumentError, FormatError, Linear, Sequential, ShapeError, ones } from "../../src/index.js";
import { decodeCheckpoint, encodeCheckpoint, encodeNpy, encodeSafetensors, saveModel } from "../../src/entries/io.js";
import { encodeNpz } from "../../src/entries/npz.js";
import { STORE, refuses } from "./calls.js";

describe("Data", () => {
  refuses("batches", "batches: ", [
    [[undefined], ArgumentError, "expected x to be a Tensor, got undefined (the argument is missing)."],
    [
      [[1, 2], [0, 1], { size: 1 }],
      ArgumentError,
      "expected x to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    ],
    [
      [ones([2, 1]), [0, 1]],
      ArgumentError,
      "expected a size, got none (samples in a batch, it has no default: batches(x, labels, { size: 64 })).",
    ],
    [[ones([2, 1]), [0, 1], 64], ArgumentError, "expected an options object such as { size: ... }, got 64."],
    [
      [ones([2, 1]), [0, 1], { size: null }],
      ArgumentError,
      "expected size to be a whole number of at least 1, got null.",
    ],
    [[ones([2, 1]), [0, 1], { size: 0 }], ArgumentError, "expected size to be a whole number of at least 1, got 0."],
    [
      [ones([2, 1]), [0, 1], { batchSize: 1 }],
      ArgumentError,
      'unknown option "batchSize", did you mean "size"? (options: size, shuffle, dropLast, seed).',
    ],
    [
      [ones([2, 1]), [0, 1, 2], { size: 1 }],
      ShapeError,
      "expected 2 labels for 2 samples (or a multiple of it), got 3 (x and labels must be cut alike).",
    ],
    [
      [
        ones([2, 1]),
        [
          [0, 1],
          [1, 0],
        ],
        { size: 1 },
      ],
      ArgumentError,
      "expected labels as whole numbers, got [0, 1] at index 0 (for one-hot targets use a Tensor of probabilities: new Tensor(labels)).",
    ],
    [
      [ones([2, 1]), [Float32Array.of(0, 1), Float32Array.of(1, 0)], { size: 1 }],
      ArgumentError,
      "expected labels as whole numbers, got Float32Array(2) at index 0 (for one-hot targets use a Tensor of probabilities: new Tensor(labels)).",
    ],
    [
      [ones([2, 1]), ["0", "1"], { size: 1 }],
      ArgumentError,
      'expected label 0 to be a whole number from -2147483648 to 2147483647, got "0".',
    ],
    [
      [ones([2, 1]), ones([3]), { size: 1 }],
      ShapeError,
      "expected targets [2, ...] for 2 samples, got [3] (x and targets must be cut alike).",
    ],
    [
      [ones([2, 1]), [0, 1], { size: 1, shuffle: null }],
      ArgumentError,
      "expected shuffle to be true or false, got null.",
    ],
    [
      [ones([2, 1]), [0, 1], { size: 1, seed: null }],
      ArgumentError,
      "expected seed to be a whole number from 0 to 9007199254740991, got null.",
    ],
    [
      [ones([2, 1]), [0, 1], { size: 3, dropLast: true }],
      ArgumentError,
      "expected size of at most 2 with dropLast, got 3 (not one batch is full).",
    ],
    [
      [ones([2, 1]), new Map(), { size: 1 }],
      ArgumentError,
      "expected labels (numbers) or a Tensor of targets, got an object (Map).",
    ],
    [
      [[0, 1], ones([2, 1]), { size: 1 }],
      ArgumentError,
      "expected x to be a Tensor, got [0, 1] (wrap it: new Tensor(data, shape)).",
    ],
    [
      [ones([2, 1]), { size: 1 }],
      ArgumentError,
      "expected labels (numbers) or a Tensor of targets, got an object (Object).",
    ],
  ]);

  refuses("batches.position =", "Batches.position: ", [
    [[undefined], ArgumentError, "expected an options object such as { epoch: ... }, got undefined."],
    [[null], ArgumentError, "expected an options object such as { epoch: ... }, got null."],
    [[{}], ArgumentError, "expected epoch to be a whole number of at least 0, got undefined."],
    [[1], ArgumentError, "expected an options object such as { epoch: ... }, got 1."],
    [
      [{ epoch: 0, batch: 3, size: 1, samples: 2, generator: null }],
      ArgumentError,
      "expected batch to be a whole number from 0 to 2, got 3.",
    ],
    [
      [{ epoch: 0, batch: 1, size: 2, samples: 2, generator: null }],
      ArgumentError,
      "expected a position inside an epoch of 2 samples by 1, got one of 2 by 2 (use the same data and size, or start at batch 0).",
    ],
    [
      [{ epoch: -1, batch: 0, size: 1, samples: 2, generator: null }],
      ArgumentError,
      "expected epoch to be a whole number of at least 0, got -1.",
    ],
    [
      [{ epoch: 0, batch: 0, size: 1, samples: 2, generator: {} }],
      ArgumentError,
      "expected generator to be null, for batches without shuffle, got an object (Object) (use the same options).",
    ],
  ]);

  refuses("parseIdx", "parseIdx: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [
      ["train-images"],
      ArgumentError,
      'expected bytes (Uint8Array or ArrayBuffer), got "train-images" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()).',
    ],
    [
      [[0, 0, 8, 1]],
      ArgumentError,
      "expected bytes (Uint8Array or ArrayBuffer), got [0, 0, 8, 1] (read the file first).",
    ],
    [
      [new Float32Array(4)],
      ArgumentError,
      "expected bytes (Uint8Array or ArrayBuffer), got Float32Array(4) (read the file first).",
    ],
    [
      [Promise.resolve(new Uint8Array(4))],
      ArgumentError,
      "expected bytes (Uint8Array or ArrayBuffer), got an object (Promise) (write await before it).",
    ],
  ]);

  refuses("readIdx", "readIdx: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [[new Uint8Array(0)], FormatError, "expected an IDX file, got 0 bytes (the file is empty)."],
    [[{}], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got an object (Object) (read the file first)."],
  ]);

  refuses("imagesFromIdx", "imagesFromIdx: ", [
    [[undefined], ArgumentError, "expected what parseIdx returns ({ shape, data }), got undefined."],
    [
      [new Uint8Array(4)],
      ArgumentError,
      "expected what parseIdx returns ({ shape, data }), got Uint8Array(4) (read the bytes first: imagesFromIdx(await readIdx(bytes))).",
    ],
    [
      [new ArrayBuffer(4)],
      ArgumentError,
      "expected what parseIdx returns ({ shape, data }), got an object (ArrayBuffer) (read the bytes first: imagesFromIdx(await readIdx(bytes))).",
    ],
    [
      [Promise.resolve({})],
      ArgumentError,
      "expected what parseIdx returns ({ shape, data }), got an object (Promise) (write await before it).",
    ],
    [
      [{ shape: [1], data: new Uint8Array(1) }],
      ShapeError,
      "expected images [N, H, W], got [1] (these look like labels: use labelsFromIdx).",
    ],
    [
      [{ shape: [1, 1, 1], data: [1] }],
      ArgumentError,
      "expected what parseIdx returns ({ shape, data }), got an object (Object).",
    ],
    [
      [{ shape: [1, 1, 1], data: new Float32Array(1) }],
      ArgumentError,
      "expected bytes from 0 to 255 (Uint8Array), got Float32Array(1).",
    ],
    [[{ shape: [2, 1, 1], data: new Uint8Array(1) }], ShapeError, "expected 2 numbers for [2, 1, 1], got 1."],
  ]);

  refuses("labelsFromIdx", "labelsFromIdx: ", [
    [[undefined], ArgumentError, "expected what parseIdx returns ({ shape, data }), got undefined."],
    [
      [{ shape: [1, 1, 1], data: new Uint8Array(1) }],
      ShapeError,
      "expected labels [N], got [1, 1, 1] (these look like images: use imagesFromIdx).",
    ],
    [
      [{ shape: [2, 8], data: new Uint8Array(16) }],
      ShapeError,
      "expected labels [N], got [2, 8] (the first column, as QMNIST has its digits, is Int32Array.from({ length: 2 }, (_, i) => data[8 * i])).",
    ],
    [
      [{ shape: [1], data: new Float32Array(1) }],
      ArgumentError,
      "expected whole numbers (an integer element type), got Float32Array(1).",
    ],
    [[Int32Array.of(0, 1)], ArgumentError, "expected what parseIdx returns ({ shape, data }), got Int32Array(2)."],
  ]);

  refuses("permutation", "permutation: ", [
    [[undefined], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got undefined."],
    [[0], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got 0."],
    [[1.5], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got 1.5."],
    [["3"], ArgumentError, 'expected n to be a whole number from 1 to 2147483647, got "3".'],
    [[3, 1], ArgumentError, "expected an options object such as { seed: ... }, got 1."],
    [[3, { seed: null }], ArgumentError, "expected seed to be a whole number from 0 to 9007199254740991, got null."],
    [[[0, 1, 2]], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got [0, 1, 2]."],
  ]);
});

describe("Files", () => {
  refuses("encodeNpy", "encodeNpy: ", [
    [[undefined], ArgumentError, "expected the tensor to be a Tensor, got undefined (the argument is missing)."],
    [[[1, 2]], ArgumentError, "expected the tensor to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape))."],
    [
      [new Float32Array(1)],
      ArgumentError,
      "expected the tensor to be a Tensor, got Float32Array(1) (wrap it: new Tensor(data, shape)).",
    ],
    [[ones([1]).toFloat64()], ArgumentError, "expected the tensor in float32, got float64 (use toFloat32())."],
  ]);

  refuses("decodeNpy", "decodeNpy: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [
      ["x.npy"],
      ArgumentError,
      'expected bytes (Uint8Array or ArrayBuffer), got "x.npy" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()).',
    ],
    [[new Uint8Array(3)], FormatError, "expected a .npy file (it begins with 93 4e 55 4d), got 00 00 00."],
    [[new Uint8Array(20)], FormatError, "expected a .npy file (it begins with 93 4e 55 4d), got 00 00 00 00."],
    [[encodeNpy(ones([1])), true], ArgumentError, "expected an options object such as { round: ... }, got true."],
    [[encodeNpy(ones([1])), { round: null }], ArgumentError, "expected round to be true or false, got null."],
    [[encodeNpy(ones([1])), { names: [] }], ArgumentError, 'unknown option "names" (options: round).'],
    [
      [Promise.resolve()],
      ArgumentError,
      "expected bytes (Uint8Array or ArrayBuffer), got an object (Promise) (write await before it).",
    ],
  ]);

  refuses("encodeSafetensors", "encodeSafetensors: ", [
    [[undefined], ArgumentError, "expected an object of tensors by name, got undefined."],
    [[[ones([1])]], ArgumentError, "expected an object of tensors by name, got [an object (Tensor)]."],
    [[ones([1])], ArgumentError, "expected an object of tensors by name, got an object (Tensor)."],
    [[new Map()], ArgumentError, "expected an object of tensors by name, got an object (Map)."],
    [[{ a: [1] }], ArgumentError, 'expected "a" to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).'],
    [[{ a: ones([1]).toFloat64() }], ArgumentError, 'expected "a" in float32, got float64 (use toFloat32()).'],
    [[{ a: ones([1]) }, "pt"], ArgumentError, 'expected texts by name, got "pt".'],
    [
      [{ a: ones([1]) }, { epoch: 3 }],
      ArgumentError,
      'expected the metadata "epoch" to be a string, got 3 (use String or JSON.stringify).',
    ],
    [[{ a: ones([1]) }, null], ArgumentError, "expected texts by name, got null."],
    [[{ a: null }], ArgumentError, 'expected "a" to be a Tensor, got null (the argument is missing).'],
  ]);

  refuses("decodeSafetensors", "decodeSafetensors: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [[null], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got null (read the file first)."],
    [
      ["model.safetensors"],
      ArgumentError,
      'expected bytes (Uint8Array or ArrayBuffer), got "model.safetensors" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()).',
    ],
    [[new Uint8Array(3)], FormatError, "expected at least 8 bytes, got 3 (the file is cut short)."],
    [
      [encodeNpy(ones([1]))],
      FormatError,
      "expected a header of at most 100000000 bytes, got 379676406402707 in the first 8 bytes (93 4e 55 4d; this looks like a NumPy .npy file; PyTorch writes this format by safetensors.torch.save_file, not torch.save).",
    ],
    [[encodeSafetensors({}), true], ArgumentError, "expected an options object such as { round: ... }, got true."],
    [[encodeSafetensors({}), { round: 1 }], ArgumentError, "expected round to be true or false, got 1."],
    [
      [encodeSafetensors({ a: ones([1]) }), { names: "a" }],
      ArgumentError,
      'expected names as a list such as ["0.weight"], got "a".',
    ],
    [
      [encodeSafetensors({ a: ones([1]) }), { names: ["b"] }],
      ArgumentError,
      'expected names of the file\'s tensors, got "b", did you mean "a"?',
    ],
    [
      [encodeSafetensors({}), { names: null }],
      ArgumentError,
      'expected names as a list such as ["0.weight"], got null.',
    ],
  ]);

  refuses("encodeNpz", "encodeNpz: ", [
    [[undefined], ArgumentError, "expected an object of tensors by name, got undefined."],
    [[null], ArgumentError, "expected an object of tensors by name, got null."],
    [[ones([1])], ArgumentError, "expected an object of tensors by name, got an object (Tensor)."],
    [[{ a: [1] }], ArgumentError, 'expected "a" to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).'],
    [[{}, true], ArgumentError, "expected an options object such as { compress: ... }, got true."],
    [[{}, { compress: null }], ArgumentError, "expected compress to be true or false, got null."],
  ]);

  refuses("decodeNpz", "decodeNpz: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [
      ["x.npz"],
      ArgumentError,
      'expected bytes (Uint8Array or ArrayBuffer), got "x.npz" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()).',
    ],
    [
      [new Uint8Array(3)],
      FormatError,
      "expected a zip archive with its directory at the end, got none (the file is cut short).",
    ],
    [
      [encodeNpy(ones([1]))],
      FormatError,
      "expected a zip archive (it begins with 50 4b), got 93 4e 55 4d; this looks like a NumPy .npy file.",
    ],
    [
      [encodeNpz({}), { maxBytes: null }],
      ArgumentError,
      "expected maxBytes to be a whole number of at least 0, got null.",
    ],
    [[encodeNpz({}), { maxBytes: -1 }], ArgumentError, "expected maxBytes to be a whole number of at least 0, got -1."],
    [
      [encodeNpz({ a: ones([1]) }), { names: ["aa"] }],
      ArgumentError,
      'expected names of the file\'s tensors, got "aa", did you mean "a"?',
    ],
  ]);

  refuses("saveModel", "", [
    [
      [undefined],
      ArgumentError,
      "saveModel: expected a Sequential or a Graph, got undefined (new Sequential(...) makes one).",
    ],
    [
      [new Linear(1, 1)],
      ArgumentError,
      'saveModel: expected a Sequential or a Graph, got an object (Linear) (wrap it: new Sequential(["net", model])).',
    ],
    [
      ["model.bin"],
      ArgumentError,
      'saveModel: expected a Sequential or a Graph, got "model.bin" (new Sequential(...) makes one).',
    ],
    [
      [new Sequential(), "model.safetensors"],
      ArgumentError,
      'saveModel: expected an options object, got "model.safetensors" (it returns the bytes: writeFileSync("model.safetensors", saveModel(model))).',
    ],
    [
      [new Sequential(), { input: 3 }],
      ArgumentError,
      "saveModel input: expected an options object such as { shape: ... }, got 3.",
    ],
    [
      [new Sequential(), { input: { shape: 3 } }],
      ShapeError,
      "saveModel: expected input.shape as the shape of one sample, such as [3, 224, 224], got 3.",
    ],
    [
      [new Sequential(), { input: { shape: [3, 2, 2], layout: null } }],
      ArgumentError,
      'saveModel: expected input.layout to be one of "NCHW", "NHWC", got null.',
    ],
    [
      [new Sequential(), { input: { shape: [3, 2, 2], scale: null } }],
      ArgumentError,
      "saveModel: expected input.scale to be a finite number of at least 0, got null.",
    ],
    [
      [new Sequential(), { input: { shape: [3, 2, 2], mean: [0, 0] } }],
      ArgumentError,
      "saveModel: expected input.mean as one number, or one for each of 3 channels, got [0, 0].",
    ],
    [
      [new Sequential(), { input: { shape: [3, 2, 2], std: 0 } }],
      ArgumentError,
      "saveModel: expected input.std to be a finite number of at least 1e-30, got 0.",
    ],
    [
      [new Sequential(), { input: { shape: [2], mean: 1 } }],
      ArgumentError,
      "saveModel: expected input.mean only with a shape of three axes, got the shape [2] (it is for images; normalize other data before predict).",
    ],
    [
      [new Sequential(), { input: null }],
      ArgumentError,
      "saveModel input: expected an options object such as { shape: ... }, got null.",
    ],
    [[new Sequential(), { classes: [] }], ArgumentError, "saveModel: expected classes as an array of names, got []."],
    [
      [new Sequential(), { classes: null }],
      ArgumentError,
      "saveModel: expected classes as an array of names, got null.",
    ],
    [
      [new Sequential(), { classes: "a, b" }],
      ArgumentError,
      'saveModel: expected classes as an array of names, got "a, b".',
    ],
    [[new Sequential(), { classes: [1, 2] }], ArgumentError, "saveModel: expected classes[0] to be a text, got 1."],
    [
      [new Sequential(), { metadata: null }],
      ArgumentError,
      "saveModel: expected metadata as an object of texts, got null.",
    ],
    [
      [new Sequential(), { metadata: new Map([["a", "b"]]) }],
      ArgumentError,
      "saveModel: expected metadata as an object of texts, got an object (Map).",
    ],
    [
      [new Sequential(), { metadata: { epoch: 3 } }],
      ArgumentError,
      "saveModel: expected metadata.epoch to be a text, got 3 (use String(...)).",
    ],
    [
      [new Sequential(), { metadata: { "handgrad.x": "" } }],
      ArgumentError,
      'saveModel: expected metadata keys of your own, got "handgrad.x" ("handgrad." is taken).',
    ],
    [
      [new Sequential(), new Map()],
      ArgumentError,
      "saveModel: expected an options object such as { input: ... }, got an object (Map).",
    ],
  ]);

  refuses("loadModel", "loadModel: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [
      ["model.safetensors"],
      ArgumentError,
      'expected bytes (Uint8Array or ArrayBuffer), got "model.safetensors" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()).',
    ],
    [
      [Promise.resolve()],
      ArgumentError,
      "expected bytes (Uint8Array or ArrayBuffer), got an object (Promise) (write await before it).",
    ],
    [
      [new Uint8Array(0)],
      FormatError,
      "expected a whole model file. decodeSafetensors: expected at least 8 bytes, got 0 (the file is cut short).",
    ],
    [
      [new Uint8Array(3)],
      FormatError,
      "expected a whole model file. decodeSafetensors: expected at least 8 bytes, got 3 (the file is cut short).",
    ],
    [
      [encodeSafetensors({})],
      FormatError,
      "expected a model file, got a safetensors file of 0 tensors without an architecture (build the model, then model.loadStateDict(decodeSafetensors(bytes).tensors)).",
    ],
    [
      [encodeNpy(ones([1]))],
      FormatError,
      "expected a model file that saveModel wrote, got bytes that begin with 93 4e 55 4d; this looks like a NumPy .npy file (look at the path or address, and at response.ok).",
    ],
    [
      [saveModel(new Sequential()), true],
      ArgumentError,
      "expected an options object such as { layers: ... }, got true.",
    ],
    [
      [saveModel(new Sequential()), { layers: null }],
      ArgumentError,
      "expected layers as an object such as { MyLayer }, got null.",
    ],
    [
      [saveModel(new Sequential()), { layers: [Linear] }],
      ArgumentError,
      "expected layers as an object such as { MyLayer }, got [the class Linear].",
    ],
    [
      [saveModel(new Sequential()), { layers: { Linear } }],
      ArgumentError,
      'expected layers of your own, got "Linear", which handgrad has (rename yours).',
    ],
    [
      [saveModel(new Sequential()), { layers: { Mine: 1 } }],
      ArgumentError,
      "expected layers.Mine to be a class that extends Layer, got 1 (the class itself, from one copy of handgrad).",
    ],
    [
      [saveModel(new Sequential()), { layers: { Mine: class {} } }],
      ArgumentError,
      "expected layers.Mine to be a class that extends Layer, got the class Mine (the class itself, from one copy of handgrad).",
    ],
    [
      [saveModel(new Sequential()), { layers: new Map([["Mine", Linear]]) }],
      ArgumentError,
      "expected layers as an object such as { MyLayer }, got an object (Map).",
    ],
  ]);

  refuses("loaded.predict", "LoadedModel.predict: ", [
    [
      [undefined],
      ArgumentError,
      "expected a Tensor or an image { data, width, height }, got undefined (context.getImageData gives an image).",
    ],
    [
      [null],
      ArgumentError,
      "expected a Tensor or an image { data, width, height }, got null (context.getImageData gives an image).",
    ],
    [
      [[]],
      ArgumentError,
      "expected a Tensor or an image { data, width, height }, got [] (context.getImageData gives an image).",
    ],
    [[[1]], ArgumentError, "expected an image { data, width, height }, got 1 (context.getImageData gives one)."],
    [
      [ones([1, 2])],
      ShapeError,
      "expected input [N, 3, 1, 1], got [1, 2] (model.predict of the loaded model's model takes whatever its layers take).",
    ],
    [
      [{ data: [0, 0, 0, 255], width: 1, height: 1 }],
      ArgumentError,
      'expected bytes (Uint8ClampedArray or Uint8Array), got [0, 0, 0, 255] (a canvas gives them with pixelFormat "rgba-unorm8").',
    ],
    [
      [{ data: new Uint8Array(4), width: 1, height: 1 }],
      ArgumentError,
      "expected opaque pixels, got alpha 0 at x 0, y 0 (give { background: 255 } for white, or fill the canvas before drawing).",
    ],
    [
      [{ data: new Uint8Array(16).fill(255), width: 2, height: 2 }],
      ShapeError,
      "expected an image of 1 x 1 pixels, got 2 x 2 (give { resize: true } to stretch it, or draw it on a canvas of that size).",
    ],
    [
      [{ data: new Uint8Array(4), width: "1", height: 1 }],
      ArgumentError,
      'expected width to be a whole number of at least 1, got "1".',
    ],
    [
      [{ data: new Uint8Array(4).fill(255), width: 1, height: 1 }, { resize: null }],
      ArgumentError,
      "expected resize to be true or false, got null.",
    ],
    [
      [{ data: new Uint8Array(4), width: 1, height: 1 }, { background: [0, 0] }],
      ArgumentError,
      "expected background as [R, G, B] or one gray, got [0, 0].",
    ],
    [
      [{ data: new Uint8Array(4), width: 1, height: 1 }, { background: null }],
      ArgumentError,
      "expected background[0] to be a finite number from 0 to 255, got null.",
    ],
    [
      [ones([1, 3, 1, 1]), { resize: true }],
      ArgumentError,
      "expected no resize with a Tensor, got one (it is for images).",
    ],
  ]);

  refuses("loaded.classify", "LoadedModel.classify: ", [
    [
      [undefined],
      ArgumentError,
      "expected a Tensor or an image { data, width, height }, got undefined (context.getImageData gives an image).",
    ],
    [[ones([2, 3, 1, 1])], ShapeError, "expected one sample, got 2 (predict takes many at once)."],
    [[ones([1, 3, 1, 1]), { top: 0 }], ArgumentError, "expected top to be a whole number from 1 to 2, got 0."],
    [[ones([1, 3, 1, 1]), { top: null }], ArgumentError, "expected top to be a whole number from 1 to 2, got null."],
    [[ones([1, 3, 1, 1]), 3], ArgumentError, "expected an options object such as { top: ... }, got 3."],
  ]);

  refuses("encodeCheckpoint", "encodeCheckpoint: ", [
    [[undefined], ArgumentError, "expected an options object such as { model: ... }, got undefined."],
    [[null], ArgumentError, "expected an options object such as { model: ... }, got null."],
    [
      [new Sequential()],
      ArgumentError,
      "expected an options object such as { model: ... }, got an object (Sequential).",
    ],
    [[{ model: null }], ArgumentError, "expected model to be a layer or a model, got null."],
    [[{ model: new Sequential(), optimizer: 1 }], ArgumentError, "expected optimizer to be an Optimizer, got 1."],
    [
      [{ model: new Sequential(), optimizers: [] }],
      ArgumentError,
      'unknown option "optimizers", did you mean "optimizer"? (options: model, optimizer, schedule, batches, generators, history, extra, tensors, metric, gradients).',
    ],
    [
      [{ model: new Sequential(), batches: {} }],
      ArgumentError,
      "expected batches to be what batches() returns, got an object (Object).",
    ],
    [
      [{ model: new Sequential(), generators: [] }],
      ArgumentError,
      "expected generators by name, such as { noise }, got [].",
    ],
    [
      [{ model: new Sequential(), generators: { a: 1 } }],
      ArgumentError,
      "expected generators.a to be a Generator, got 1.",
    ],
    [[{ model: new Sequential(), history: 1 }], ArgumentError, "expected history to be a list, got 1."],
    [
      [{ model: new Sequential(), history: [() => 1] }],
      ArgumentError,
      "expected history[0] to be plain data for JSON, got the function (anonymous).",
    ],
    [
      [{ model: new Sequential(), history: [ones([1])] }],
      ArgumentError,
      "expected history[0] to be plain data for JSON, got an object (Tensor).",
    ],
    [
      [{ model: new Sequential(), extra: new Map() }],
      ArgumentError,
      "expected extra to be plain data for JSON, got an object (Map).",
    ],
    [[{ model: new Sequential(), metric: "0.9" }], ArgumentError, 'expected metric to be a number or null, got "0.9".'],
    [
      [{ model: new Sequential(), gradients: null }],
      ArgumentError,
      "expected gradients to be true or false, got null.",
    ],
  ]);

  refuses("decodeCheckpoint", "decodeCheckpoint: ", [
    [[undefined], ArgumentError, "expected bytes (Uint8Array or ArrayBuffer), got undefined (read the file first)."],
    [
      ["x"],
      ArgumentError,
      'expected bytes (Uint8Array or ArrayBuffer), got "x" (read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()).',
    ],
    [[new Uint8Array(0)], FormatError, "expected a handgrad checkpoint, got an empty file."],
    [
      [encodeSafetensors({})],
      FormatError,
      "expected a handgrad checkpoint, got another file (safetensors without our metadata; for weights alone use decodeSafetensors).",
    ],
  ]);

  refuses("restoreCheckpoint", "restoreCheckpoint: ", [
    [[undefined], ArgumentError, "expected an options object such as { model: ... }, got undefined."],
    [
      [{ model: new Sequential() }],
      ArgumentError,
      "expected what decodeCheckpoint returns, got undefined (restoreCheckpoint(run, decodeCheckpoint(bytes))).",
    ],
    [
      [{ model: new Sequential() }, null],
      ArgumentError,
      "expected what decodeCheckpoint returns, got null (restoreCheckpoint(run, decodeCheckpoint(bytes))).",
    ],
    [
      [{ model: new Sequential() }, new Uint8Array(8)],
      ArgumentError,
      "expected what decodeCheckpoint returns, got Uint8Array(8) (restoreCheckpoint(run, decodeCheckpoint(bytes))).",
    ],
    [[{ model: new Sequential() }, {}], ArgumentError, "expected what decodeCheckpoint returns, got model undefined."],
    [
      [
        { model: new Sequential() },
        { ...decodeCheckpoint(encodeCheckpoint({ model: new Sequential() })), batches: null },
      ],
      ArgumentError,
      "expected what decodeCheckpoint returns, got batches null.",
    ],
    [
      [
        { model: new Sequential() },
        { ...decodeCheckpoint(encodeCheckpoint({ model: new Sequential() })), evalLayers: {} },
      ],
      ArgumentError,
      "expected what decodeCheckpoint returns, got evalLayers an object (Object).",
    ],
    [
      [{ model: new Sequential(new Linear(1, 1)) }, decodeCheckpoint(encodeCheckpoint({ model: new Sequential() }))],
      ArgumentError,
      "expected the model's 2 names, got 2 missing (0.weight, 0.bias) (the checkpoint is of another model; build the same one).",
    ],
    [
      [decodeCheckpoint(encodeCheckpoint({ model: new Sequential() })), { model: new Sequential() }],
      ArgumentError,
      'unknown option "gradients" (options: model, optimizer, schedule, batches, generators).',
    ],
  ]);

  refuses("openCheckpoints", "", [
    [
      [undefined],
      ArgumentError,
      "openCheckpoints: expected a path, a database's name, or a store with list, read, write, remove, got undefined.",
    ],
    [
      [null],
      ArgumentError,
      "openCheckpoints: expected a path, a database's name, or a store with list, read, write, remove, got null.",
    ],
    [[""], ArgumentError, 'openCheckpoints: expected the path of a folder, got "".'],
    [
      [{}],
      ArgumentError,
      "openCheckpoints: expected a path, a database's name, or a store with list, read, write, remove, got an object (Object).",
    ],
    [
      [{ list: () => [], read: () => null }],
      ArgumentError,
      "openCheckpoints: expected a path, a database's name, or a store with list, read, write, remove, got an object (Object).",
    ],
    [
      [{ list: () => null, read: () => null, write: () => 0, remove: () => 0 }],
      ArgumentError,
      "Checkpoints: expected the names of a store from its list(), got null.",
    ],
    [[STORE, 3], ArgumentError, "openCheckpoints: expected an options object such as { keep: ... }, got 3."],
    [[STORE, { keep: 0 }], ArgumentError, "openCheckpoints: expected keep to be a whole number of at least 1, got 0."],
    [
      [STORE, { keep: null }],
      ArgumentError,
      "openCheckpoints: expected keep to be a whole number of at least 1, got null.",
    ],
    [[STORE, { best: null }], ArgumentError, 'openCheckpoints: expected best to be one of "max", "min", got null.'],
    [[STORE, { best: "most" }], ArgumentError, 'openCheckpoints: expected best to be one of "max", "min", got "most".'],
    [
      [STORE, { kep: 1 }],
      ArgumentError,
      'openCheckpoints: unknown option "kep", did you mean "keep"? (options: keep, best).',
    ],
  ]);

  refuses("place.read", "Checkpoints.read: ", [
    [[null], ArgumentError, "expected an options object such as { which: ... }, got null."],
    [["latest"], ArgumentError, 'expected an options object such as { which: ... }, got "latest".'],
    [[{ which: null }], ArgumentError, 'expected "latest", "best" or the name of a checkpoint, got null.'],
    [[{ which: 1 }], ArgumentError, 'expected "latest", "best" or the name of a checkpoint, got 1.'],
    [[{ fallback: null }], ArgumentError, "expected fallback to be true or false, got null."],
    [[{ witch: 1 }], ArgumentError, 'unknown option "witch" (options: which, fallback).'],
  ]);

  refuses("place.saveSync", "Checkpoints.saveSync: ", [
    [
      [{ model: new Sequential() }],
      ArgumentError,
      "expected a place that answers at once, such as a folder, got another (await save).",
    ],
  ]);

  refuses("place.save", "Checkpoints.save: ", [
    [[undefined], ArgumentError, "expected an options object such as { model: ... }, got undefined."],
    [
      [new Sequential()],
      ArgumentError,
      "expected an options object such as { model: ... }, got an object (Sequential).",
    ],
  ]);

  refuses("place.restore", "Checkpoints.restore: ", [
    [[undefined], ArgumentError, "expected an options object such as { model: ... }, got undefined."],
    [[{ model: 1 }], ArgumentError, "expected model to be a layer or a model, got 1."],
    [[{ model: new Sequential() }, { fallback: 1 }], ArgumentError, "expected fallback to be true or false, got 1."],
  ]);
});

describe("Reference and ndarray", () => {
  refuses("gradCheck", "gradCheck: ", [
    [[undefined], ArgumentError, "expected input to be a Tensor, got undefined."],
    [[new Linear(1, 1)], ArgumentError, "expected input to be a Tensor, got undefined."],
    [[1, ones([1])], ArgumentError, "expected a layer, a model or a loss, got 1."],
    [[new Linear(1, 1), [1]], ArgumentError, "expected input to be a Tensor, got [1]."],
    [[new Linear(1, 1), ones([1, 1]), 5], ArgumentError, "expected an options object such as { target: ... }, got 5."],
    [[new Linear(1, 1), ones([1, 1]), { step: 0 }], ArgumentError, "expected step to be above 0, got 0."],
    [
      [new Linear(1, 1), ones([1, 1]), { rtol: null }],
      ArgumentError,
      "expected rtol to be a finite number of at least 0, got null.",
    ],
    [
      [new Linear(1, 1), ones([1, 1]), { samples: 0 }],
      ArgumentError,
      "expected samples to be a whole number of at least 1, got 0.",
    ],
    [
      [new Linear(1, 1), ones([1, 1]), { seed: null }],
      ArgumentError,
      "expected seed to be a whole number of at least 0, got null.",
    ],
  ]);

  refuses("fromNdarray", "fromNdarray: ", [
    [
      [undefined],
      ArgumentError,
      "expected an ndarray view { data, shape, stride, offset }, got undefined (for arrays use new Tensor(data, shape)).",
    ],
    [
      [null],
      ArgumentError,
      "expected an ndarray view { data, shape, stride, offset }, got null (for arrays use new Tensor(data, shape)).",
    ],
    [
      [[1, 2]],
      ArgumentError,
      "expected an ndarray view { data, shape, stride, offset }, got [1, 2] (for arrays use new Tensor(data, shape)).",
    ],
    [[ones([2])], ArgumentError, "expected stride to be an array of whole numbers, got undefined."],
    [
      [{ data: [1], shape: [1], stride: [1] }],
      ArgumentError,
      "expected offset to be a whole number of at least 0, got undefined.",
    ],
    [
      [{ data: [1], shape: [2], stride: [1], offset: 0 }],
      ArgumentError,
      "expected a view inside its 1 numbers, got one from index 0 to 1 (shape [2], stride [1], offset 0).",
    ],
    [
      [{ data: [1], shape: [1], stride: [1, 1], offset: 0 }],
      ArgumentError,
      "expected one stride for each axis, got shape [1], stride [1, 1].",
    ],
    [
      [{ data: ["a"], shape: [1], stride: [1], offset: 0 }],
      ArgumentError,
      'expected numbers, got "a" at index 0 of the data.',
    ],
    [
      [{ data: "1", shape: [1], stride: [1], offset: 0 }],
      ArgumentError,
      'expected an ndarray view { data, shape, stride, offset }, got data "1" (for arrays use new Tensor(data, shape)).',
    ],
    [
      [{ data: [1], shape: 1, stride: [1], offset: 0 }],
      ArgumentError,
      "expected shape to be an array of whole numbers of at least 0, got 1.",
    ],
    [
      [{ data: [1], shape: [1], stride: [1], offset: -1 }],
      ArgumentError,
      "expected offset to be a whole number of at least 0, got -1.",
    ],
  ]);

  refuses("toNdarray", "toNdarray: ", [
    [[undefined], ArgumentError, "expected tensor to be a Tensor, got undefined (the argument is missing)."],
    [[[1]], ArgumentError, "expected tensor to be a Tensor, got [1] (wrap it: new Tensor(data, shape))."],
    [
      [new Float32Array(1)],
      ArgumentError,
      "expected tensor to be a Tensor, got Float32Array(1) (wrap it: new Tensor(data, shape)).",
    ],
  ]);

  refuses("setThreads", "setThreads: ", [
    [[null], ArgumentError, "expected count to be a whole number from 1 to 64, got null."],
    [[0], ArgumentError, "expected count to be a whole number from 1 to 64, got 0."],
    [[1.5], ArgumentError, "expected count to be a whole number from 1 to 64, got 1.5."],
    [["2"], ArgumentError, 'expected count to be a whole number from 1 to 64, got "2".'],
    [[-1], ArgumentError, "expected count to be a whole number from 1 to 64, got -1."],
    [[{ threads: 2 }], ArgumentError, "expected count to be a whole number from 1 to 64, got an object (Object)."],
  ]);
});
