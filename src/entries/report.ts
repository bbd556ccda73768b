// The entry handgrad/report: runs as one HTML document, and as curves and tables in the terminal.
export { htmlReport, type ReportOptions } from "../report/htmlReport.js";
export type { ReportRun } from "../report/run.js";
export type { ReportPredictions } from "../report/predictions.js";
export { collectForReport, type CollectOptions, type ReportCollector } from "../report/collect.js";
export type { Collected, CollectedEpoch } from "../report/collect.js";

// In the terminal
export { plotHistory, type PlotHistoryOptions } from "../report/terminal/plotHistory.js";
export { confusionTable, type ConfusionTableOptions } from "../report/terminal/confusionTable.js";
