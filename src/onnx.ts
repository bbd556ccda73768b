// The entry handgrad/onnx: models to and from ONNX files. Needs the package @bufbuild/protobuf.
export { exportOnnx, type ExportOnnxOptions, type OnnxLayerExport } from "./io/onnx/exportOnnx.js";
export type { OnnxAttributes, OnnxContext, OnnxFloat, OnnxFloats } from "./io/onnx/graphWriter.js";
export { importOnnx, type ImportOnnxOptions, type OnnxImport } from "./io/onnx/importOnnx.js";
