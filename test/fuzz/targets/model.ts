// Model files under fuzzing: architecture, spec, classes, shared names and tensors are changed by their meaning. Most changed
// files get a right checksum again, so that what lies behind it is reached.
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  Flatten,
  Layer,
  Linear,
  MaxPool2d,
  Parameter,
  ReLU,
  Sequential,
  Tensor,
  manualSeed,
  multiply,
  type LayerConfig,
} from "../../../src/index.js";
import { decodeSafetensors, encodeSafetensors, loadModel, saveModel } from "../../../src/entries/io.js";
import { CHECKSUM_KEY, MODEL_KEY, checksum } from "../../../src/models/modelFormat.js";
import type { FuzzTarget } from "../target.js";

class Gain extends Layer<null> {
  readonly factor: Parameter;
  constructor(readonly options: { readonly start?: number } = {}) {
    super();
    this.factor = new Parameter(new Tensor([Number(options?.start ?? 1)]));
  }
  forward(x: Tensor): Tensor {
    this.save(null);
    return multiply(x, this.factor.value.item());
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    return multiply(dy, this.factor.value.item());
  }
  override config(): LayerConfig {
    return { type: "Gain", args: [], options: { start: this.options.start ?? 1 } };
  }
}

function seeds(): Uint8Array[] {
  manualSeed(1);
  const shared = new Sequential(new Linear(2, 2), ["inner", new Sequential(new Linear(2, 2), new Gain({ start: 3 }))]);
  ((shared.get(1) as Sequential).get(0) as Linear).weight = (shared.get(0) as Linear).weight;
  const cnn = new Sequential(
    ...[new Conv2d(3, 4, 3, { padding: "same", paddingMode: "reflect" }), new ReLU(), new MaxPool2d(2)],
    ...[new AvgPool2d(2, { divisorOverride: 3 }), new Flatten(), new Dropout(0.3), new Linear(16, 3)],
  );
  return [
    saveModel(new Sequential()),
    saveModel(new Sequential(["fc", new Linear(2, 2)]), { input: { shape: [2] }, classes: ["no", "yes"] }),
    saveModel(shared, { metadata: { note: "ä" } }),
    saveModel(cnn, { input: { shape: [3, 8, 8], mean: [0.1, 0.2, 0.3], std: 0.5 }, classes: ["a", "b", "c"] }),
  ];
}

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)];

const TYPES = [
  "Linear",
  "Conv2d",
  "Sequential",
  "Gain",
  "Dropout",
  "constructor",
  "__proto__",
  "toString",
  "Linaer",
  "",
];
const VALUES: readonly unknown[] = [
  ...[0, -1, 1, 2, 3, 1e9, 2147483647, 9007199254740991, 1e308, 0.5, -0, null, true, "", "same", "reflect", "Linear"],
  ...[
    [],
    [1, 1],
    [1e9, 1e9],
    {},
    { type: "ReLU", args: [] },
    { type: "Linear", args: [1e9, 1e9] },
    ["a", 1],
    { start: 1 },
  ],
];

// Every place in a JSON value: its holder and its key there.
function places(value: unknown, found: [holder: Record<string, unknown>, key: string][] = []): typeof found {
  if (value === null || typeof value !== "object") return found;
  for (const key of Object.keys(value)) {
    found.push([value as Record<string, unknown>, key]);
    places((value as Record<string, unknown>)[key], found);
  }
  return found;
}

function changeJson(json: unknown, random: Random): void {
  const all = places(json);
  if (all.length === 0) return;
  const [holder, key] = pick(random, all);
  const kind = Math.floor(random() * 6);
  if (kind === 0) delete holder[key];
  else if (kind === 1)
    holder[pick(random, [key, "extra", "__proto__x", "type", "args", "options"])] = pick(random, VALUES);
  else if (kind === 2 && Array.isArray(holder)) holder.push(...holder.slice(0, 3));
  else if (kind === 3 && key === "type") holder[key] = pick(random, TYPES);
  else if (kind === 4) {
    const [from, name] = pick(random, all);
    holder[key] = structuredClone(from[name]); // a layer inside a layer, a name for a number ...
  } else holder[key] = pick(random, VALUES);
}

function changeText(text: string, random: Random): string {
  const at = Math.floor(random() * text.length);
  const kinds = [
    () => text.slice(0, at),
    () =>
      text.slice(0, at) + pick(random, ["{", "}", "[", "]", '"', "1e999", "\\u0000", "\ud800"]) + text.slice(at + 1),
    () => "[".repeat(1 + Math.floor(random() * 300)) + text,
    () => text.replace(/"type":"\w+"/, `"__proto__":{"polluted":1}`),
    () => text.replace(/"version":1/, `"version":${pick(random, ["2", "0", "1.5", "null", "1e9"])}`),
  ];
  return pick(random, kinds)();
}

function changeTensors(tensors: Record<string, Tensor>, random: Random): void {
  const names = Object.keys(tensors);
  const name = names.length === 0 ? "x" : pick(random, names);
  const kind = Math.floor(random() * 4);
  if (kind === 0) delete tensors[name];
  else if (kind === 1) tensors[pick(random, ["0.weight", "inner.0.weight", "other", ""])] = new Tensor([1, 2], [2]);
  else if (kind === 2 && tensors[name] !== undefined) tensors[name] = tensors[name].reshape([-1, 1]);
  else if (tensors[name] !== undefined) tensors[name] = new Tensor(new Float32Array(Math.floor(random() * 9)));
}

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.15) {
    const copy = bytes.slice();
    for (let n = 1 + Math.floor(random() * 4); n > 0 && copy.length > 0; n--) {
      copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
    }
    return random() < 0.3 ? copy.slice(0, Math.floor(random() * copy.length)) : copy;
  }
  let file;
  try {
    file = decodeSafetensors(bytes);
  } catch {
    return bytes.slice(0, Math.floor(random() * bytes.length)); // of an earlier change
  }
  const { tensors, metadata } = file;
  const texts = { ...metadata };
  const kind = random();
  if (kind < 0.1) delete texts[pick(random, Object.keys(texts))];
  else if (kind < 0.3) changeTensors(tensors, random);
  else if (kind < 0.45 && texts[MODEL_KEY] !== undefined) texts[MODEL_KEY] = changeText(texts[MODEL_KEY], random);
  else if (texts[MODEL_KEY] !== undefined) {
    try {
      const json = JSON.parse(texts[MODEL_KEY]) as unknown;
      for (let n = 1 + Math.floor(random() * 3); n > 0; n--) changeJson(json, random);
      texts[MODEL_KEY] = JSON.stringify(json);
    } catch {
      texts[MODEL_KEY] = "{}";
    }
  }
  const wellFormed = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, text.replace(/\p{Surrogate}/gu, "")]),
  );
  if (random() < 0.9) wellFormed[CHECKSUM_KEY] = checksum(tensors, wellFormed);
  return encodeSafetensors(tensors, wellFormed);
}

export const target: FuzzTarget = {
  name: "model",
  seeds,
  parse: (bytes) => void loadModel(bytes, { layers: { Gain } }),
  mutate,
  // The tensors (one byte becomes a float32, twice), and a layer with its generators (3 kB) for 36 bytes of JSON.
  allocationLimit: (bytes) => 4_000_000 + 200 * bytes.length,
};
