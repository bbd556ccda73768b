// The lines of code that compute what the page shows, in handgrad and in PyTorch. Run by tests.
import type { StepState } from "./state.js";

const nested = (values: readonly number[], shape: readonly number[]): string => {
  if (shape.length === 0) return String(values[0]);
  const size = values.length / shape[0];
  const parts = Array.from({ length: shape[0] }, (_, n) =>
    nested(values.slice(n * size, (n + 1) * size), shape.slice(1)),
  );
  return `[${parts.join(", ")}]`;
};

const isOne = (pair: readonly number[]): boolean => pair.every((n) => n === 1);
const isNone = (sides: readonly number[]): boolean => sides.every((n) => n === 0);
const isEven = ([top, bottom, left, right]: readonly number[]): boolean => top === bottom && left === right;

/** A module that logs y, dx and dw. */
export function handgradCode(s: StepState): string {
  const kernel = [s.O, s.C / s.groups, ...s.kernel];
  const options: string[] = [];
  const pool = s.op !== "conv";
  if (pool || !isOne(s.stride)) options.push(`stride: [${s.stride.join(", ")}]`);
  const [top, bottom, left, right] = s.padding;
  if (!isNone(s.padding)) options.push(`padding: [${(pool ? [top, left] : [top, bottom, left, right]).join(", ")}]`);
  if (!isOne(s.dilation) && s.op !== "avg") options.push(`dilation: [${s.dilation.join(", ")}]`);
  if (s.groups > 1) options.push(`groups: ${s.groups}`);
  if (s.mode !== "zeros" && !isNone(s.padding) && !pool) options.push(`paddingMode: "${s.mode}"`);
  const given = options.length === 0 ? "" : `{ ${options.join(", ")} }`;
  const x = `const x = new Tensor(${nested(s.x, [1, s.C, s.H, s.W])});`;
  const dyShape = [1, s.O, ...outputOf(s)];
  const dy = `const dy = new Tensor(${nested(s.dy, dyShape)});`;
  if (s.op === "max") {
    return [
      `import { Tensor, maxPool2d, maxPool2dInputGrad } from "handgrad";`, x, dy,
      `const { y, indices } = maxPool2d(x, [${s.kernel.join(", ")}], ${given});`,
      `const dx = maxPool2dInputGrad(dy, indices, x.shape, [${s.kernel.join(", ")}], ${given});`,
      `console.log(y.toArray(), dx.toArray());`,
    ].join("\n"); // prettier-ignore
  }
  if (s.op === "avg") {
    return [
      `import { Tensor, avgPool2d, avgPool2dInputGrad } from "handgrad";`, x, dy,
      `const y = avgPool2d(x, [${s.kernel.join(", ")}], ${given});`,
      `const dx = avgPool2dInputGrad(dy, x.shape, [${s.kernel.join(", ")}], ${given});`,
      `console.log(y.toArray(), dx.toArray());`,
    ].join("\n"); // prettier-ignore
  }
  const turned = s.flip ? `\n// A true convolution: every kernel turned by 180 degrees before it is laid on.\nconst turn = (k) => new Tensor(k.toArray().map((o) => o.map((c) => c.map((row) => [...row].reverse()).reverse())));` : ""; // prettier-ignore
  const laid = s.flip ? "turn(w)" : "w";
  const more = given === "" ? "" : `, ${given}`;
  const dw = `conv2dWeightGrad(x, dy, w.shape${more})`;
  return [
    `import { Tensor, conv2d, conv2dInputGrad, conv2dWeightGrad } from "handgrad";`, x,
    `const w = new Tensor(${nested(s.w, kernel)});${turned}`, dy,
    `const b = ${s.b.some((v) => v !== 0) ? `new Tensor(${nested(s.b, [s.O])})` : "null"};`,
    `const y = conv2d(x, ${laid}, b${more});`,
    `const dx = conv2dInputGrad(dy, ${laid}, x.shape${more});`,
    `const dw = ${s.flip ? `turn(${dw})` : dw};`,
    `console.log(y.toArray(), dx.toArray(), dw.toArray());`,
  ].join("\n"); // prettier-ignore
}

function outputOf(s: StepState): [number, number] {
  const [top, bottom, left, right] = s.padding;
  const size = (n: number, pad: number, k: number, d: number, st: number): number =>
    Math.floor((n + pad - d * (k - 1) - 1) / st) + 1;
  return [
    size(s.H, top + bottom, s.kernel[0], s.dilation[0], s.stride[0]),
    size(s.W, left + right, s.kernel[1], s.dilation[1], s.stride[1]),
  ];
}

/** A Python script that prints y, dx and dw. */
export function torchCode(s: StepState): string {
  const [top, bottom, left, right] = s.padding;
  const conv = s.op === "conv";
  const lines = [
    `import torch`,
    `import torch.nn.functional as F`,
    `x = torch.tensor(${nested(s.x, [1, s.C, s.H, s.W])}, dtype=torch.float32, requires_grad=True)`,
  ];
  if (conv) {
    lines.push(
      `w = torch.tensor(${nested(s.w, [s.O, s.C / s.groups, ...s.kernel])}, dtype=torch.float32, requires_grad=True)`,
    );
    if (s.b.some((v) => v !== 0)) lines.push(`b = torch.tensor(${nested(s.b, [s.O])}, dtype=torch.float32)`);
  }
  lines.push(`dy = torch.tensor(${nested(s.dy, [1, s.O, ...outputOf(s)])}, dtype=torch.float32)`);
  const options: string[] = [];
  if (!conv || !isOne(s.stride)) options.push(`stride=(${s.stride.join(", ")})`);
  let x = "x";
  if (conv && !isNone(s.padding) && (s.mode !== "zeros" || !isEven(s.padding))) {
    // torch.nn.functional.pad takes left, right, top, bottom.
    lines.push(
      `padded = F.pad(x, (${left}, ${right}, ${top}, ${bottom})${s.mode === "zeros" ? "" : `, mode="${s.mode}"`})`,
    );
    x = "padded";
  } else if (!isNone(s.padding)) options.push(`padding=(${top}, ${left})`);
  if (!isOne(s.dilation) && s.op !== "avg") options.push(`dilation=(${s.dilation.join(", ")})`);
  if (s.groups > 1) options.push(`groups=${s.groups}`);
  const more = options.length === 0 ? "" : `, ${options.join(", ")}`;
  const bias = s.b.some((v) => v !== 0) ? ", b" : "";
  const pool = s.op === "max" ? "F.max_pool2d" : "F.avg_pool2d";
  if (conv) lines.push(`y = F.conv2d(${x}, ${s.flip ? "w.flip(-2, -1)" : "w"}${bias}${more})`);
  else lines.push(`y = ${pool}(x, (${s.kernel.join(", ")})${more})`);
  lines.push(
    `y.backward(dy)`,
    conv ? `print(y.tolist(), x.grad.tolist(), w.grad.tolist())` : `print(y.tolist(), x.grad.tolist())`,
  );
  return lines.join("\n");
}
