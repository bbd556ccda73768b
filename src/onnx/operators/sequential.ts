// Sequential: its layers one after the other. ONNX has no containers, so only the names of the nodes show it.
import { Sequential } from "../../nn/container/sequential.js";
import { containerExport, type Current, type Operator } from "./operator.js";

export const sequential: Operator = {
  writes: [
    containerExport("Sequential", Sequential, (_layer, x, child, _onnx, children) => {
      return children.reduce<Current>((current, [name, each]) => child(name, each, current), x);
    }),
  ],
};
