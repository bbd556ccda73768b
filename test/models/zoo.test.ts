// The networks of handgrad/models against PyTorch and torchvision (test/fixtures/make_models.py), and what they promise by themselves.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import * as zoo from "../../src/entries/models.js";
import {
  BatchNorm2d,
  Conv2d,
  Graph,
  Linear,
  Sequential,
  Tensor,
  manualSeed,
  randn,
  type Layer,
} from "../../src/index.js";
import { sizeOf } from "../../src/base/shape.js";
import { throwsExactly } from "../support/errors.js";
import { fillByFormula } from "./zooFormula.js";
import { NETWORKS, buildNetwork } from "./zooNetworks.js";
import { errorsOf, filledNetwork, type ParityCase } from "./zooParity.js";

const folder = new URL("../fixtures/torchvision/", import.meta.url);
const names = JSON.parse(gunzipSync(readFileSync(new URL("models.json.gz", folder))).toString()) as Record<
  string,
  [name: string, shape: number[]][]
>;
const { cases } = JSON.parse(readFileSync(new URL("parity.json", folder), "utf8")) as { cases: ParityCase[] };

function count(model: Layer): number {
  return model.parameters().reduce((sum, { size }) => sum + size, 0);
}

// Nothing is drawn for it.
function entriesOf(model: Layer): [name: string, shape: number[]][] {
  const shapes = new Map(model.namedParameters().map(([name, { shape }]) => [name, [...shape]]));
  const buffers = [...model.layers()].flatMap((layer) => (layer instanceof BatchNorm2d ? [layer] : []));
  expect(buffers.every(({ runningMean }) => runningMean !== null)).toBe(true);
  return stateNames(model).map((name) => [name, shapes.get(name) ?? bufferShape(model, name)]);
}

function stateNames(model: Layer): string[] {
  const walk = (layer: Layer, path: string): string[] => {
    const own =
      layer instanceof BatchNorm2d ? ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"] : [];
    const plain =
      own.length > 0
        ? own
        : Object.keys(layer).filter((key) => key === "weight" || (key === "bias" && (layer as Conv2d).bias !== null));
    return [
      ...plain.map((key) => path + key),
      ...layer.namedChildren().flatMap(([name, child]) => walk(child, `${path}${name}.`)),
    ];
  };
  return walk(model, "");
}

function bufferShape(model: Layer, name: string): number[] {
  return name.endsWith("num_batches_tracked")
    ? []
    : [
        ...(model.namedParameters().find(([key]) => key === name.replace(/running_(mean|var)$/, "weight"))?.[1].shape ??
          []),
      ];
}

describe("state dicts", () => {
  it("are known of every network that torchvision has, and of others", () => {
    const known = new Set(Object.keys(names));
    expect([...NETWORKS.keys()].filter((name) => !known.has(name) && !name.startsWith("lesson"))).toEqual([]);
  });

  it.each(Object.keys(names))("of %s have PyTorch's names, shapes and order", (name) => {
    const model = name === "resnet18 cifar" ? zoo.resnet18({ numClasses: 10, stem: "cifar" }) : buildNetwork(name);
    expect(entriesOf(model)).toEqual(names[name]);
  });

  it("are what the walk above says, in a network whose weights are looked at", () => {
    const model = zoo.squeezenet1_1({ numClasses: 2 });
    expect(Object.entries(model.stateDict()).map(([name, { shape }]) => [name, [...shape]])).toEqual(entriesOf(model));
    const small = zoo.unet({ width: 2, depth: 1 });
    expect(Object.entries(small.stateDict()).map(([name, { shape }]) => [name, [...shape]])).toEqual(entriesOf(small));
  });
});

describe("numbers", () => {
  it.each(cases)("of $title are PyTorch's", (theirs) => {
    const errors = errorsOf(theirs);
    console.log(theirs.title, errors, theirs.float32);
    expect(errors.odd).toEqual([]);
  });
});
