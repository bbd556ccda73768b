// The kit's activations.
import type { KitActivationName } from "../../backend/kernels.js";
import { activation as kitActivation } from "../../backend/wasm/kit/activation.js";
import { prelu } from "../../backend/wasm/kit/prelu.js";
import { finite, whole } from "../../base/check.js";
import { preluGeometry } from "../../ops/prelu.js";
import { misfit, result, single, type Maker } from "../layer.js";

/** A layer of a function of the kit; a and b are numbers, or names of options. */
export function makeKitActivation(name: KitActivationName, a: number | string = 0, b: number | string = 0): Maker {
  return ({ type, options }) => {
    const read = (given: number | string): number =>
      typeof given === "number" ? given : finite(type, given, options[given]);
    const f = name === "gelu" && options.approximate === "tanh" ? "geluTanh" : name;
    const g = { f, a: read(a), b: read(b) };
    return single((x, room) => {
      const y = result(room, x.shape);
      kitActivation.kitActivation(g, x.data, y.data);
      return y;
    });
  };
}

export const makePrelu: Maker = ({ type, options, parameter }) => {
  const slopes = whole(type, "numParameters", options.numParameters, 1);
  const w = parameter("weight", [slopes]);
  return single((x, room) => {
    if (slopes > 1 && x.shape[1] !== slopes) throw misfit(type, `[N, ${slopes}, ...]`, x.shape);
    const y = result(room, x.shape);
    prelu.prelu(preluGeometry(x.shape, slopes), x.data, w, y.data);
    return y;
  });
};
