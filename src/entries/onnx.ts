// The entry handgrad/onnx: models to and from ONNX files. Needs the package @bufbuild/protobuf.
export type { Bytes } from "../files/bytes.js";
export { exportOnnx, type ExportOnnxOptions, type OnnxLayerExport } from "../onnx/exportOnnx.js";
export type { OnnxAttributes, OnnxContext, OnnxFloat, OnnxFloats } from "../onnx/graphWriter.js";
export { importOnnx, type ImportOnnxOptions, type OnnxImport } from "../onnx/importOnnx.js";
export type { OnnxLayout } from "../onnx/layout.js";
