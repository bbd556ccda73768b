// The entry "handgrad/predict": model files, to predict and nothing else, in few bytes.
export { loadModel, PredictModel, type PredictOptions } from "../predict/model.js";
export { kit, type PredictLayers } from "../predict/kit/table.js";
export type { Value } from "../predict/layer.js";
export type { FullInputSpec } from "../models/inputSpec.js";
export { ArgumentError, BackendError, FormatError, HandgradError, ShapeError } from "../base/errors.js";
