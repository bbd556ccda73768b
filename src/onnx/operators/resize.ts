// Resize: an Upsample. Of the many ways to find a pixel's place only those of Upsample are read.
import { show } from "../../base/check.js";
import { formatShape, type Pair, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { Upsample, type UpsampleMode, type UpsampleOptions } from "../../nn/resize/upsample.js";
import { Piece } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { fileAxes, imagesOf } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { atNode } from "../steps.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";

export const resize: Operator = {
  reads: { Resize: readResize, Upsample: readUpsample },
  writes: [layerExport("Upsample", Upsample, writeUpsample)],
};

type How = Pick<UpsampleOptions, "mode" | "alignCorners">;

function readResize(node: NodeView, graph: GraphReader): void {
  node.only(
    ...[
      "antialias",
      "axes",
      "coordinate_transformation_mode",
      "cubic_coeff_a",
      "exclude_outside",
      "extrapolation_value",
    ],
    ...["keep_aspect_ratio_policy", "mode", "nearest_mode"],
  );
  node.intOf("antialias", 0, [0]);
  node.intOf("exclude_outside", 0, [0]);
  const policy = node.string("keep_aspect_ratio_policy", "stretch");
  if (policy !== "stretch") node.fail(`expected keep_aspect_ratio_policy stretch, got ${policy.slice(0, 40)}`);
  if (node.ints("axes") !== undefined) node.fail("expected factors or sizes of all axes, got only some axes");
  const isOld = graph.opset < 11; // then there are only x and scales, and places are those of "asymmetric"
  const how = isOld ? plainHow(node) : howOf(node);
  const sizes = isOld || node.input(3) === "" ? undefined : graph.sizes(node, 3);
  if (sizes !== undefined) {
    append(node, graph, how, { sizes: sizes.map(({ value }) => value) });
    return;
  }
  append(node, graph, how, { factors: factorsOf(node, graph, isOld ? 1 : 2) });
}

// The operator of opset 7 to 9.
function readUpsample(node: NodeView, graph: GraphReader): void {
  node.only("mode", "scales");
  const said = node.floats("scales");
  append(node, graph, plainHow(node), { factors: said ?? factorsOf(node, graph, 1) });
}

function plainHow(node: NodeView): How {
  const mode = node.string("mode", "nearest");
  if (mode !== "nearest") {
    node.fail(
      `expected mode nearest with opset ${node.opset} (places of other modes are otherwise), got ${mode.slice(0, 40)}`,
    );
  }
  return { mode: "nearest" };
}

function howOf(node: NodeView): How {
  const [mode, place] = [node.string("mode", "nearest"), node.string("coordinate_transformation_mode", "half_pixel")];
  const rounding = node.string("nearest_mode", "round_prefer_floor");
  const isHalf = place === "half_pixel" || place === "pytorch_half_pixel";
  if (mode === "nearest" && place === "asymmetric" && rounding === "floor") return { mode: "nearest" };
  if (mode === "nearest" && isHalf && rounding === "round_prefer_ceil") return { mode: "nearest-exact" };
  const known: UpsampleMode | undefined = { linear: "bilinear", cubic: "bicubic" }[mode] as UpsampleMode | undefined;
  if (known === "bicubic") node.floatOf("cubic_coeff_a", -0.75, -0.75);
  if (known !== undefined && (isHalf || place === "align_corners")) return { mode: known, alignCorners: !isHalf };
  return node.fail(
    `expected nearest pixels by floor of asymmetric places, or linear or cubic ones by half_pixel or align_corners, got ` +
      `${show([mode, place, rounding])}`,
  );
}

function factorsOf(node: NodeView, graph: GraphReader, place: number): readonly number[] {
  return [...graph.floats(node, graph.constant(node, place, "the factors"))];
}

function append(
  node: NodeView,
  graph: GraphReader,
  how: How,
  { sizes, factors }: { readonly sizes?: readonly number[]; readonly factors?: readonly number[] },
): void {
  const images = imagesOf(graph, node, graph.computed(node));
  const said = sizes ?? factors ?? [];
  const [, channels, ...plane] = said;
  const expected = sizes === undefined ? 1 : images.shape[1];
  if (said.length !== (images.isFlat ? 3 : 4) || channels !== expected || (sizes === undefined && said[0] !== 1)) {
    node.fail(`expected rows and columns of [N, C, H, W] to be resized, got ${formatShape(said)}`);
  }
  const both = (images.isFlat ? [1, plane[0]] : plane) as unknown as Pair;
  const layer = atNode(
    node,
    () => new Upsample({ ...how, ...(sizes === undefined ? { scaleFactor: both } : { size: both }) }),
  );
  const [, , rows, columns] = atNode(node, () => layer.outputShape(images.shape));
  const frame = [images.axes[0], images.axes[1], [new Piece(rows)], [new Piece(columns)]];
  graph.append(node, images.value, fileAxes(images, frame), frame, () => layer);
}

function writeUpsample(layer: Upsample, x: Current, out: Shape, onnx: OnnxContext): string {
  const { mode = "nearest", alignCorners = false, scaleFactor } = optionsOf<UpsampleOptions>(layer);
  const place = alignCorners ? "align_corners" : mode === "nearest" ? "asymmetric" : "half_pixel";
  const attributes = {
    ...{
      mode: { bilinear: "linear", bicubic: "cubic" }[mode as string] ?? "nearest",
      coordinate_transformation_mode: place,
    },
    ...(mode === "nearest" ? { nearest_mode: "floor" } : {}),
    ...(mode === "nearest-exact" ? { nearest_mode: "round_prefer_ceil" } : {}),
    ...(mode === "bicubic" ? { cubic_coeff_a: { float: -0.75 } } : {}),
  };
  if (scaleFactor !== undefined) {
    const factors = onnx.constant("factors", new Tensor(Float32Array.of(1, 1, ...(scaleFactor as Pair)), [4]));
    return onnx.node("Resize", [x.name, "", factors], attributes);
  }
  // The sizes of all axes, with that of the batch as it comes.
  const all = onnx.node("Shape", [x.name], {}, "shape");
  const bounds = [onnx.constant("start", [0]), onnx.constant("end", [2])];
  const front = onnx.node("Slice", [all, ...bounds], {}, "front");
  const sizes = onnx.node("Concat", [front, onnx.constant("size", [out[2], out[3]])], { axis: 0 }, "sizes");
  return onnx.node("Resize", [x.name, "", "", sizes], attributes);
}
