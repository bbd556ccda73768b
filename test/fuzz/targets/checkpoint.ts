// Checkpoints under the fuzz harness. Most changes are sealed with a right checksum: without one nothing behind it would be tried.
import { Adam, Dropout, Linear, SGD, Sequential, StepLR, Tensor, manualSeed } from "../../../src/index.js";
import { batches } from "../../../src/entries/data.js";
import { decodeCheckpoint, encodeCheckpoint, restoreCheckpoint, type RunToSave } from "../../../src/entries/io.js";
import { crc32 } from "../../../src/files/crc32.js";
import type { FuzzTarget } from "../target.js";

const VALUES = [
  ...[null, true, -1, 0, 1, 1.5, 2 ** 32, 2 ** 53, 1e308, "", "x", "Adam", "SGD", "0.weight", "model.0.weight", [], {}],
  ...[[[]], [["0.weight", 0]], { $: "NaN" }, { $: {} }, { $: 1 }, JSON.parse('{"__proto__":{"seed":1}}')],
];

/** Two small runs: the second one holds less. */
export function makeRuns(): RunToSave[] {
  manualSeed(1);
  const model = new Sequential(new Linear(3, 2), new Dropout(0.5));
  const data = batches(new Tensor(new Float32Array(15), [5, 3]), [0, 1, 0, 1, 0], { size: 2, shuffle: true });
  const optimizer = new Adam(model.parameters(), { amsgrad: true });
  const other = new Sequential(new Linear(1, 1));
  const [weight, bias] = other.parameters();
  const sgd = new SGD([{ params: weight, lr: 0.2 }, { params: bias }], { lr: 0.1, momentum: 0.9 });
  for (const [x] of data) {
    model.backward(model.forward(x));
    optimizer.step();
    break;
  }
  other.backward(other.forward(new Tensor([[1]])));
  sgd.step();
  return [
    {
      ...{ model, optimizer, batches: data, history: [0.5, NaN], extra: { note: "ä" }, metric: 0.25 },
      ...{ schedule: new StepLR(optimizer, 2), tensors: { best: new Tensor([1, 2]) } },
    },
    { model: other, optimizer: sgd },
  ];
}

let runs: RunToSave[] | undefined;

/** The file with this header and these numbers, its lengths and checksum made right. */
function seal(header: string, numbers: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(header.replace(/("checksum":")[^"]{0,8}/, "$100000000"));
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + length + numbers.length).fill(0x20);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  file.set(numbers, 8 + length);
  const place = header.indexOf('"checksum":"') + 8 + 12; // all before it is ASCII
  file.set(new TextEncoder().encode(crc32(file).toString(16).padStart(8, "0")), place);
  return file;
}

// Puts something else somewhere in the value, and returns it.
function change(value: unknown, random: () => number): unknown {
  const entries = value !== null && typeof value === "object" ? Object.entries(value) : [];
  if (entries.length === 0 || random() < 0.1) return VALUES[Math.floor(random() * VALUES.length)];
  const [key, inner] = entries[Math.floor(random() * entries.length)];
  if (Array.isArray(value)) {
    const list = [...(value as unknown[])];
    const way = random();
    if (way < 0.1) list.splice(Number(key), 1);
    else if (way < 0.2) list.push(inner);
    else list[Number(key)] = change(inner, random);
    return list;
  }
  const rest = entries.filter(([other]) => other !== key);
  const way = random();
  if (way < 0.1) return Object.fromEntries(rest);
  return Object.fromEntries([...rest, [way < 0.15 ? `${key}x` : key, way < 0.15 ? inner : change(inner, random)]]);
}

export const target: FuzzTarget = {
  name: "checkpoint",
  seeds: () => makeRuns().map((run) => encodeCheckpoint(run)),
  parse(bytes) {
    const checkpoint = decodeCheckpoint(bytes);
    runs ??= makeRuns().map(({ model, optimizer, schedule, batches: data }) => ({ model, ...(optimizer && { optimizer }), ...(schedule && { schedule }), ...(data && { batches: data }) })); // prettier-ignore
    restoreCheckpoint(runs[checkpoint.optimizers[0]?.type === "SGD" ? 1 : 0], checkpoint);
  },
  mutate(bytes, random) {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    const numbers = bytes.slice(8 + length);
    const way = random();
    if (way < 0.1) {
      const file = bytes.slice();
      file[Math.floor(random() * file.length)] ^= 1 << Math.floor(random() * 8);
      return file;
    }
    if (way < 0.2) return seal(header, numbers.subarray(0, Math.floor(random() * numbers.length)));
    if (way < 0.3) {
      const place = Math.floor(random() * header.length);
      return seal(header.slice(0, place) + header.slice(place + 1 + Math.floor(random() * 4)), numbers);
    }
    const fields = JSON.parse(header) as { __metadata__: Record<string, string> };
    const { __metadata__: metadata, ...tensors } = fields;
    if (way < 0.45) {
      const changed = change(tensors, random) as object;
      return seal(JSON.stringify({ __metadata__: metadata, ...changed }), numbers);
    }
    let state: unknown = JSON.parse(metadata.state);
    for (let times = 1 + Math.floor(random() * 2); times > 0; times--) state = change(state, random);
    return seal(JSON.stringify({ __metadata__: { ...metadata, state: JSON.stringify(state) }, ...tensors }), numbers);
  },
  allocationLimit: (bytes) => 8 * bytes.length + 65536, // the header and the numbers as text and tensors, and room to put them
};
