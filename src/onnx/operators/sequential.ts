// Sequential: its layers one after the other. ONNX has no containers, so only the names of the nodes show it.
import { Sequential } from "../../nn/container/sequential.js";
import { containerExport, type Current, type Operator } from "./operator.js";

export const sequential: Operator = {
  writes: [
    containerExport("Sequential", Sequential, (layer, x, child) => {
      return layer.namedChildren().reduce<Current>((current, [name, each]) => child(name, each, current), x);
    }),
  ],
};
