// The kit's activation functions, as layers call them. Their loops are in the backend.
import { KIT_ACTIVATIONS, type KitActivationName } from "../backend/kernels.js";
import { kitFor } from "../backend/select.js";
import { activation } from "../backend/wasm/kit/activation.js";
import type { ActivationFunction } from "./activation.js";

/** The function of this name with its settings. */
export function kitActivation(f: KitActivationName, a: number = 0, b: number = 0): ActivationFunction {
  const g = { f, a, b };
  return {
    keeps: KIT_ACTIVATIONS[f],
    value: (x, y) => kitFor(activation, "activation", x).kitActivation(g, x.data, y.data),
    inputGrad(kept, dy, dx) {
      kitFor(activation, "activationInputGrad", kept).kitActivationInputGrad(g, kept.data, dy.data, dx.data);
    },
  };
}
