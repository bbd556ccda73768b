// Activations that are more than one node with an attribute for each option: those with bounds, with constants that have to be
// ours, and those that opset 17 has no operator for, which are written in its terms.
import { ELU } from "../../nn/activation/elu.js";
import { GELU } from "../../nn/activation/gelu.js";
import { Hardsigmoid } from "../../nn/activation/hardsigmoid.js";
import { Hardtanh } from "../../nn/activation/hardtanh.js";
import { Mish } from "../../nn/activation/mish.js";
import { ReLU } from "../../nn/activation/relu.js";
import { ReLU6 } from "../../nn/activation/relu6.js";
import { SELU } from "../../nn/activation/selu.js";
import { SELU_ALPHA, SELU_SCALE } from "../../ops/selu.js";
import { SiLU } from "../../nn/activation/silu.js";
import { Softplus } from "../../nn/activation/softplus.js";
import { ArgumentError } from "../../base/errors.js";
import { Tensor } from "../../base/tensor.js";
import type { Layer } from "../../nn/layer.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, optionsOf, type Operator } from "./operator.js";

export const moreActivations: Operator = {
  reads: {
    Clip: readClip,
    Gelu: readGelu,
    HardSigmoid: readHardSigmoid,
    Mish: readMish,
    Selu: readSelu,
    Softplus: readSoftplus,
    Swish: readSwish,
  },
  writes: [
    layerExport("GELU", GELU, (layer, x, _out, onnx) => {
      return optionsOf<{ approximate: string }>(layer).approximate === "tanh"
        ? writeGeluTanh(x.name, onnx)
        : writeGelu(x.name, onnx);
    }),
    layerExport("Hardsigmoid", Hardsigmoid, (_layer, x, _out, onnx) => {
      return onnx.node("HardSigmoid", [x.name], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    }),
    layerExport("Hardtanh", Hardtanh, (layer, x, _out, onnx) => {
      const { minVal, maxVal } = optionsOf<{ minVal: number; maxVal: number }>(layer);
      return onnx.node("Clip", [x.name, number(onnx, "min", minVal), number(onnx, "max", maxVal)]);
    }),
    layerExport("Mish", Mish, (_layer, x, _out, onnx) => {
      const bent = onnx.node("Tanh", [onnx.node("Softplus", [x.name], {}, "softplus")], {}, "tanh");
      return onnx.node("Mul", [x.name, bent]);
    }),
    layerExport("ReLU6", ReLU6, (_layer, x, _out, onnx) => {
      return onnx.node("Clip", [x.name, number(onnx, "min", 0), number(onnx, "max", 6)]);
    }),
    layerExport("SELU", SELU, (_layer, x, _out, onnx) => {
      return onnx.node("Selu", [x.name], { alpha: { float: SELU_ALPHA }, gamma: { float: SELU_SCALE } });
    }),
    layerExport("SiLU", SiLU, (_layer, x, _out, onnx) => {
      return onnx.node("Mul", [x.name, onnx.node("Sigmoid", [x.name], {}, "sigmoid")]);
    }),
    layerExport("Softplus", Softplus, writeSoftplus),
  ],
};

/** A constant of one number. */
function number(onnx: OnnxContext, name: string, value: number): string {
  return onnx.constant(name, new Tensor([value], []));
}

// x/2 (1 + erf(x / sqrt 2))
function writeGelu(x: string, onnx: OnnxContext): string {
  const scaled = onnx.node("Mul", [x, number(onnx, "root", 0.7071067811865476)], {}, "scale");
  return halfOf1Plus(x, onnx.node("Erf", [scaled], {}, "erf"), onnx);
}

// x/2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
function writeGeluTanh(x: string, onnx: OnnxContext): string {
  const square = onnx.node("Mul", [x, x], {}, "square");
  const share = onnx.node("Mul", [square, number(onnx, "cube", 0.044715)], {}, "share");
  const more = onnx.node("Mul", [onnx.node("Add", [share, number(onnx, "one", 1)], {}, "more"), x], {}, "bent");
  const scaled = onnx.node("Mul", [more, number(onnx, "root", 0.7978845608028654)], {}, "scale");
  return halfOf1Plus(x, onnx.node("Tanh", [scaled], {}, "tanh"), onnx);
}

function halfOf1Plus(x: string, f: string, onnx: OnnxContext): string {
  const sum = onnx.node("Add", [f, number(onnx, "one", 1)], {}, "sum");
  return onnx.node("Mul", [onnx.node("Mul", [x, sum], {}, "product"), number(onnx, "half", 0.5)]);
}

function writeSoftplus(layer: Layer, x: { readonly name: string }, _out: unknown, onnx: OnnxContext): string {
  const { beta, threshold } = optionsOf<{ beta: number; threshold: number }>(layer);
  // Beyond 17 the line and the logarithm are the same float32.
  if (threshold < 17) {
    throw new ArgumentError(
      `Softplus: expected a threshold of at least 17 for an export to ONNX, whose Softplus has none, got ${threshold}.`,
    );
  }
  if (beta === 1) return onnx.node("Softplus", [x.name]);
  const z = onnx.node("Mul", [x.name, number(onnx, "beta", beta)], {}, "scale");
  return onnx.node("Div", [onnx.node("Softplus", [z], {}, "softplus"), number(onnx, "beta", beta)]);
}

// Before opset 11 the bounds are attributes.
function readClip(node: NodeView, graph: GraphReader): void {
  node.only("max", "min");
  const bound = (name: string, place: number, otherwise: number): number =>
    node.input(place) === "" ? node.float(name, otherwise) : graph.scalar(node, place, `the bound ${name}`);
  const [min, max] = [bound("min", 1, -Infinity), bound("max", 2, Infinity)];
  const value = graph.computed(node);
  if (min === 0 && max >= 3e38) return graph.appendPlain(node, value, () => new ReLU());
  if (min === 0 && max === 6) return graph.appendPlain(node, value, () => new ReLU6());
  if (Number.isFinite(min) && Number.isFinite(max) && min < max) {
    return graph.appendPlain(node, value, () => new Hardtanh({ minVal: min, maxVal: max }));
  }
  node.fail(`expected a finite min below a finite max, or min 0 alone (a ReLU), got min ${min} and max ${max}`);
}

function readGelu(node: NodeView, graph: GraphReader): void {
  node.only("approximate");
  const approximate = node.string("approximate", "none");
  if (approximate !== "none" && approximate !== "tanh") {
    return node.fail(`expected approximate to be "none" or "tanh", got "${approximate}"`);
  }
  graph.appendPlain(node, graph.computed(node), () => new GELU({ approximate }));
}

function readMish(node: NodeView, graph: GraphReader): void {
  node.only();
  graph.appendPlain(node, graph.computed(node), () => new Mish());
}

function readSwish(node: NodeView, graph: GraphReader): void {
  node.only("alpha");
  node.floatOf("alpha", 1, 1);
  graph.appendPlain(node, graph.computed(node), () => new SiLU());
}

function readSoftplus(node: NodeView, graph: GraphReader): void {
  node.only();
  graph.appendPlain(node, graph.computed(node), () => new Softplus());
}

function readHardSigmoid(node: NodeView, graph: GraphReader): void {
  node.only("alpha", "beta");
  near(node, "alpha", node.float("alpha", 0.2), 1 / 6);
  near(node, "beta", node.float("beta", 0.5), 0.5);
  graph.appendPlain(node, graph.computed(node), () => new Hardsigmoid());
}

function readSelu(node: NodeView, graph: GraphReader): void {
  node.only("alpha", "gamma");
  const [alpha, gamma] = [node.float("alpha", SELU_ALPHA), node.float("gamma", SELU_SCALE)];
  if (gamma === 1) return graph.appendPlain(node, graph.computed(node), () => new ELU({ alpha }));
  near(node, "alpha", alpha, SELU_ALPHA);
  near(node, "gamma", gamma, SELU_SCALE);
  graph.appendPlain(node, graph.computed(node), () => new SELU());
}

// A few files write these constants with six digits.
function near(node: NodeView, name: string, value: number, ours: number): void {
  if (Math.abs(value - ours) > 1e-5 * ours)
    node.fail(`expected ${name} to be ${ours}, as our layer has it, got ${value}`);
}
