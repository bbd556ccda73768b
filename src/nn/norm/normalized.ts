// What every normalization has: a learned weight and bias for each channel, and the passes around the maths of ops/normalize.ts.
import type { NormGeometry } from "../../backend/kernels.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { onesInit, zerosInit } from "../../init/constant.js";
import { normalizeGradsIn, normalizeIn, type Statistics } from "../../ops/normalize.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

interface Kept extends Statistics {
  readonly g: NormGeometry;
  readonly x: Tensor;
}

/** Base of the normalizations. */
export abstract class Normalized<S extends LayerSpec> extends Builtin<Kept, S> {
  /** [C] (LayerNorm: in the shape that is normalized), starts as ones; or null. */
  weight: Parameter | null = null;
  /** In the same shape, starts as zeros; or null. */
  bias: Parameter | null = null;

  /** Makes the parameters that are wanted; for the constructor, behind its checks. @internal */
  protected learnAffine(shape: Shape, weight: boolean, bias: boolean): void {
    if (weight) this.weight = new Parameter(shape, onesInit());
    if (bias) this.bias = new Parameter(shape, zerosInit());
  }

  /** y with the statistics that are given, or with those of x; and the statistics it took. @internal */
  protected normalize(x: Tensor, g: NormGeometry, given: Statistics | null, pass: Pass): Statistics & { y: Tensor } {
    const { weight, bias } = this;
    const result = normalizeIn(pass.room, g, x, given, weight?.value ?? null, bias?.value ?? null);
    const { mean, variance } = result;
    if (pass.keeps) pass.keep({ g, x, mean, variance });
    return result;
  }

  /** @internal */
  override [backward](dy: Tensor, { g, x, mean, variance }: Kept, pass: Pass): Tensor | undefined {
    const { weight, bias } = this;
    const wanted = { x: pass.inputGrad, w: weight?.requiresGrad === true, b: bias?.requiresGrad === true };
    const { dx, dw, db } = normalizeGradsIn(pass.room, g, x, { mean, variance }, weight?.value ?? null, dy, wanted);
    if (dw !== undefined) weight?.accumulate(dw.reshape(weight.shape));
    if (db !== undefined) bias?.accumulate(db.reshape(bias.shape));
    return dx;
  }
}
