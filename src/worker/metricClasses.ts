// The metrics that a run in a worker can have by name.
export { Accuracy, BalancedAccuracy } from "../metrics/balancedAccuracy.js";
export { CohenKappa, MatthewsCorrcoef } from "../metrics/agreement.js";
export { AveragePrecision } from "../metrics/averagePrecision.js";
export { CalibrationError } from "../metrics/calibration.js";
export { ConfusionMatrix } from "../metrics/confusionMatrix.js";
export { LogLoss } from "../metrics/logLoss.js";
export { MeanIoU } from "../metrics/meanIoU.js";
export { F1, Precision, Recall } from "../metrics/precisionRecall.js";
export { RocAuc } from "../metrics/rocAuc.js";
export { TopKAccuracy } from "../metrics/topKAccuracy.js";
