// Cast between types of floating-point numbers (all are float32 here), of sizes, and of constants of both.
import { castConstant, isFloat } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { DATA_TYPE, typeName } from "../schema.js";
import { handOn } from "./identity.js";
import type { Operator } from "./operator.js";

const SIZE_TYPES: readonly number[] = [DATA_TYPE.int64, DATA_TYPE.int32];
const FLOAT_TYPES: readonly number[] = [DATA_TYPE.float, DATA_TYPE.double, DATA_TYPE.float16, DATA_TYPE.bfloat16];

export const cast: Operator = { reads: { Cast: readCast, CastLike: readCastLike } };

function readCast(node: NodeView, graph: GraphReader): void {
  node.only("round_mode", "saturate", "to");
  const to = targetType(node);
  const value = graph.find(node.input(0));
  if (value?.kind === "constant" && !isFloat(value) && FLOAT_TYPES.includes(to)) {
    const name = node.outputs[0] ?? "";
    graph.spend(
      node,
      graph.dims(node, value).reduce((a, b) => a * b, 1),
    );
    graph.define(name, castConstant(`${node.who}: ${node.label}`, name, value), node.label);
    return;
  }
  // Sizes may pass through floating-point numbers, which early operators wanted.
  const types =
    value?.kind === "sizes"
      ? [...SIZE_TYPES, ...FLOAT_TYPES]
      : graph.sizes(node, 0) !== undefined
        ? SIZE_TYPES
        : FLOAT_TYPES;
  if (!types.includes(to)) node.fail(`expected to as ${types.map(typeName).join(" or ")}, got ${typeName(to)}`);
  handOn(node, graph);
}

// Before opset 6 the type was a text.
function targetType(node: NodeView): number {
  if (node.opset >= 6) return node.int("to", 0);
  const said = node.string("to", "").toUpperCase();
  return [...SIZE_TYPES, ...FLOAT_TYPES].find((type) => typeName(type) === said) ?? 0;
}

// The type of another value: numbers that layers compute have only one here.
function readCastLike(node: NodeView, graph: GraphReader): void {
  node.only("round_mode", "saturate");
  const [value, like] = [graph.find(node.input(0)), graph.find(node.input(1))];
  const isNumber = value?.kind === "computed" || (value?.kind === "constant" && isFloat(value));
  const isLike = like?.kind === "computed" || (like?.kind === "constant" && isFloat(like));
  if (!isNumber || !isLike) node.fail("expected floating-point numbers on both sides, got others");
  handOn(node, graph);
}
