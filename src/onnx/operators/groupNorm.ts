// GroupNorm: opset 17 has no operator for it, so its groups are the channels of an InstanceNormalization, and each channel is
// scaled and shifted behind it. Written only; files that have these nodes are not read as a GroupNorm.
import { Tensor } from "../../base/tensor.js";
import { GroupNorm } from "../../nn/norm/groupnorm.js";
import { layerExport, optionsOf, type Operator } from "./operator.js";

export const groupNorm: Operator = {
  writes: [
    layerExport("GroupNorm", GroupNorm, (layer, x, out, onnx) => {
      const { weight, bias } = layer;
      const [numGroups] = layer.config().args as [number];
      const { eps } = optionsOf<{ eps: number }>(layer);
      const filled = (name: string, value: number): string =>
        onnx.constant(name, new Tensor(new Float32Array(numGroups).fill(value)));
      const groups = onnx.node("Reshape", [x.name, onnx.constant("groups", [0, numGroups, -1])], {}, "groups");
      const scales = [filled("one", 1), filled("zero", 0)];
      const normal = onnx.node("InstanceNormalization", [groups, ...scales], { epsilon: { float: eps } }, "normal");
      const y = onnx.node("Reshape", [normal, onnx.constant("shape", [0, ...out.slice(1)])], {}, "shape");
      if (weight === null || bias === null) return y;
      // [C, 1, ...], which stretches over the pixels.
      const perChannel = [out[1], ...out.slice(2).map(() => 1)];
      const w = onnx.constant("weight", weight.value.reshape(perChannel));
      const b = onnx.constant("bias", bias.value.reshape(perChannel));
      return onnx.node("Add", [onnx.node("Mul", [y, w], {}, "scale"), b]);
    }),
  ],
};
