// MaxUnpool: a MaxUnpool2d is a MaxPool with its indices, what stands between, and a MaxUnpool that reads them. Written only: files
// that have it are no chains.
import type { Pair } from "../../base/shape.js";
import { MaxUnpool2d } from "../../nn/pool/maxunpool2d.js";
import { containerExport, optionsOf, type Operator } from "./operator.js";

export const maxUnpool: Operator = {
  writes: [
    containerExport("MaxUnpool2d", MaxUnpool2d, (layer, x, child, onnx, [[name, body]]) => {
      const [kernel] = layer.config().args as unknown as [Pair];
      const { stride, padding } = optionsOf<{ stride: Pair; padding: Pair }>(layer);
      const window = { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding] };
      const pooled = onnx.node("MaxPool", [x.name], window, "pool");
      const indices = onnx.secondOutput(pooled);
      const size = (axis: 0 | 1): number =>
        Math.floor((x.shape[axis + 2] + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1;
      const inside = child(name, body, { name: pooled, shape: [x.shape[0], x.shape[1], size(0), size(1)] });
      const shape = onnx.node("Shape", [x.name], {}, "shape");
      const y = onnx.node("MaxUnpool", [inside.name, indices, shape], window);
      return { name: y, shape: x.shape };
    }),
  ],
};
