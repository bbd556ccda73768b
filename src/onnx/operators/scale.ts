// Scale: a Mul by a constant. (Read by arithmetic.ts, where a convolution or Linear beside it takes it in.)
import { Tensor } from "../../base/tensor.js";
import { Scale } from "../../nn/linear/scale.js";
import { layerExport, type Operator } from "./operator.js";

export const scale: Operator = {
  writes: [
    layerExport("Scale", Scale, (layer, x, _out, onnx) => {
      const [factor] = layer.config().args as [number];
      const { weight } = layer;
      const numbers = weight?.value ?? new Tensor([factor]);
      const shape = numbers.size === 1 ? [] : [numbers.size, ...x.shape.slice(2).map(() => 1)];
      return onnx.node("Mul", [x.name, onnx.constant("factor", numbers.reshape(shape))]);
    }),
  ],
};
