// Explanations against PyTorch's autograd and hooks: plain, residual and branched networks with batch norm in eval mode.
import { describe, expect, it } from "vitest";
import { Sequential, type Layer, type Tensor } from "../../src/index.js";
import {
  gradCam,
  guidedBackprop,
  inputXGradient,
  integratedGradients,
  occlusion,
  saliency,
} from "../../src/entries/viz.js";
import { onFloat32 } from "../support/backends.js";
import { expectClose } from "../support/close.js";
import { loadFixture, type FixtureCase } from "../support/fixtures.js";
import { Own, networkOf, ownResidual, tensorOf } from "./networks.js";

// Errors of float32 through some ten layers, relative to the largest number.
const SHARE = 2e-5;

function largestOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function close(actual: Tensor, of: FixtureCase, name: string, share = SHARE): void {
  const { data, shape } = of.tensors[name];
  expect(actual.shape).toEqual(shape);
  const largest = largestOf(data);
  expect(largest).toBeGreaterThan(0);
  expectClose(actual.data, data, share * largest, { name });
}

onFloat32(() => {
  describe.each(loadFixture("viz").cases.map((each) => [each.name, each] as const))("%s", (name, given) => {
    const { layer, target: said, steps, window, stride } = given.options as { layer: string; target: unknown; steps: number; window: [number, number]; stride: [number, number] }; // prettier-ignore
    const x = tensorOf(given, "x");
    const target =
      said === null ? {} : { target: said === "weights" ? tensorOf(given, "weights") : (said as number | number[]) };
    const check = (model: Layer, path: string): void => {
      close(model.predict(x), given, "y");
      close(saliency(model, x, { ...target, absolute: false }), given, "gradient");
      const sizes = saliency(model, x, target);
      expectClose(sizes.data, saliency(model, x, { ...target, absolute: false }).data.map(Math.abs), 0);
      close(guidedBackprop(model, x, target), given, "guided");
      const { attributions, delta } = integratedGradients(model, x, {
        ...target,
        steps,
        baseline: tensorOf(given, "baseline"),
      });
      close(attributions, given, "integrated");
      expect(delta).toHaveLength(x.shape[0]);
      close(gradCam(model, x, { ...target, layer: path, relu: false, upsample: false }), given, "cam");
      close(gradCam(model, x, { ...target, layer: path }), given, "upsampled");
      close(
        occlusion(model, x, { ...target, window, stride, baseline: tensorOf(given, "baseline") }),
        given,
        "occlusion",
        2e-4,
      );
    };

    it("agrees in every method", () => {
      check(networkOf(given), layer);
    });

    it("is the gradient times the input in inputXGradient", () => {
      const product = inputXGradient(networkOf(given), x, target);
      const gradient = given.tensors.gradient.data;
      const largest = largestOf(gradient);
      expectClose(
        product.data,
        Float64Array.from(gradient, (value, i) => value * x.data[i]),
        5 * SHARE * largest,
      );
    });

    if (!name.startsWith("residual")) return;
    it("agrees where blocks and the model are the user's own", () => {
      const model = ownResidual(networkOf(given) as Sequential);
      check(model, layer);
      check(new Own(ownResidual(networkOf(given) as Sequential)), `layers_.${layer}`);
    });
  });
});
