// Layers against PyTorch: every case of test/fixtures/torch/layers, by the name of the class. Output, the gradients of input and
// parameters, and what a layer learns of its batch.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HandgradError, LAYERS, Tensor, type Layer } from "../../src/index.js";
import { onEachBackend, type BackendCase } from "../support/backends.js";
import { loadFixture, type FixtureCase, type FixtureTensor } from "../support/fixtures.js";
import { compare, give, tensorOf } from "./helpers.js";

type Options = Readonly<Record<string, unknown>> & { readonly args: readonly unknown[] };

/**
 * The allowed error in roundings of the largest number of a tensor, 64 unless said here. The norms divide by deviations of a few
 * numbers, which may be small.
 */
const ROUNDINGS: Readonly<Record<string, number>> = { InstanceNorm2d: 1024, LayerNorm: 512 };

const names = readdirSync(new URL("../fixtures/torch/layers/", import.meta.url))
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));

function build(name: string, { args, ...options }: Options): Layer {
  const Class = LAYERS[name] as unknown as new (...given: unknown[]) => Layer;
  return new Class(...args, ...(Object.keys(options).length === 0 ? [] : [options]));
}

/** The state dict's names of a layer's buffers, which are PyTorch's. */
function buffers(layer: Layer, { tensors }: FixtureCase): string[] {
  return Object.keys(layer.stateDict()).filter(
    (name) => name in tensors && !layer.namedParameters().some(([own]) => own === name),
  );
}

describe.each(names)("%s", (name) => {
  const { cases, refusedDraws } = loadFixture(`layers/${name}`);

  it("has 18 cases or more", () => {
    expect(cases.length).toBeGreaterThanOrEqual(18);
  });

  onEachBackend((context: BackendCase) => {
    const bound = ({ data }: FixtureTensor): number =>
      (ROUNDINGS[name] ?? 64) *
      context.eps *
      Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 1);

    it.each(cases)("agrees with PyTorch: $name", (fixtureCase) => {
      const { tensors, options } = fixtureCase;
      const layer = build(name, options as Options);
      const parameters = layer.namedParameters();
      for (const [key, parameter] of parameters) give(parameter, tensorOf(context, tensors[key]));
      const x = tensorOf(context, tensors.x) as Tensor;
      if (context.dtype === "float64" && buffers(layer, fixtureCase).length > 0) return; // running statistics are float32
      const y = layer.forward(x);
      expect(y.dtype).toBe(context.dtype);
      const dx = layer.backward(tensorOf(context, tensors.dy) as Tensor);
      const results = { y, dx, ...Object.fromEntries(parameters.map(([key, { grad }]) => [`d${key}`, grad])) };
      const computed = Object.keys(tensors).filter((key) => key === "y" || key.startsWith("d"));
      expect(Object.keys(results).sort()).toEqual(computed.filter((key) => key !== "dy").sort());
      for (const [key, result] of Object.entries(results)) compare(key, result, tensors[key], bound(tensors[key]));
      const state = layer.stateDict();
      for (const key of buffers(layer, fixtureCase)) compare(key, state[key], tensors[key], bound(tensors[key]));
      if (tensors.yEval !== undefined) compare("yEval", layer.predict(x), tensors.yEval, bound(tensors.yEval));
    });
  });

  it.each(refusedDraws.map((draw, i) => ({ ...draw, title: `${i} ${JSON.stringify(draw.options)}` })))(
    "refuses what PyTorch refuses: $title on $shapes.x: $message",
    ({ options, shapes }) => {
      const run = (): Tensor =>
        build(name, options as Options).forward(
          new Tensor(new Float32Array(shapes.x.reduce((a, b) => a * b, 1)), shapes.x),
        );
      expect(run).toThrow(HandgradError);
    },
  );
});
