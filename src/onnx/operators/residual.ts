// Residual: two ways and an Add. Reading branches is not here: a graph of any form has no place in a chain of layers.
import { Residual } from "../../nn/container/residual.js";
import { containerExport, type Operator } from "./operator.js";

export const residual: Operator = {
  writes: [
    containerExport("Residual", Residual, (layer, x, child, onnx) => {
      const main = child("body", layer.body, x);
      const side = layer.shortcut === null ? x : child("shortcut", layer.shortcut, x);
      return { name: onnx.node("Add", [main.name, side.name]), shape: main.shape };
    }),
  ],
};
