// Why some operators are not read, by families: what a file that has them is, and what would do instead.

const CAUSES: readonly (readonly [cause: string, operators: string])[] = [
  ["a recurrent layer: a chain of layers has none", "GRU LSTM RNN"],
  [
    "the file is quantized: export the network in float32",
    "ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul QuantizeLinear",
  ],
  [
    "control flow: export the network in eval mode, with sizes that are known",
    "If Loop Scan SequenceAt SequenceConstruct",
  ],
  [
    "there is no layer for a norm that is computed from the sample itself",
    "GroupNormalization LpNormalization MeanVarianceNormalization RMSNormalization",
  ],
  [
    "there is no layer for this activation",
    "Celu Clip Elu Erf Gelu HardSigmoid HardSwish Hardmax LeakyRelu Mish PRelu Selu Shrink Softplus Softsign Swish ThresholdedRelu",
  ],
  ["attention: a chain of layers has none", "Attention Einsum"],
  [
    "work on what a network gives: choose an output before it, { output: name }",
    "ArgMax ArgMin Compress NonMaxSuppression NonZero OneHot RoiAlign TopK Where",
  ],
  ["branches: a chain of layers has none", "Max Mean Min Split"],
];

const BY_OPERATOR: ReadonlyMap<string, string> = new Map(
  CAUSES.flatMap(([cause, operators]) => operators.split(" ").map((operator): [string, string] => [operator, cause])),
);

/** Why an operator is not read; empty where there is no more to say. */
export function causeOf(operator: string): string {
  const known = BY_OPERATOR.get(operator);
  if (known !== undefined) return known;
  const [domain, ...rest] = operator.split(".");
  if (operator.startsWith("com.microsoft.")) {
    return "an operator of ONNX Runtime alone: export the network without optimizing or quantizing it";
  }
  return rest.length === 0
    ? ""
    : `an operator or function of ${domain.slice(0, 40)}: export the network with ONNX's own operators`;
}
