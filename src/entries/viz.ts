// The entry handgrad/viz: looking inside. Why a model says what it says, what its layers do, what it is wrong about; and pictures.

// What in an input speaks for a score
export { saliency, inputXGradient, type SaliencyOptions } from "../viz/saliency.js";
export { smoothGrad, type SmoothGradOptions } from "../viz/smoothGrad.js";
export { integratedGradients } from "../viz/integratedGradients.js";
export type { IntegratedGradients, IntegratedGradientsOptions } from "../viz/integratedGradients.js";
export { guidedBackprop } from "../viz/guidedBackprop.js";
export { gradCam, type GradCamOptions } from "../viz/gradCam.js";
export { occlusion, type OcclusionOptions } from "../viz/occlusion.js";
export type { TargetOptions } from "../viz/probe.js";
export type { ScoreTarget } from "../viz/score.js";

// What layers do
export { featureMaps, type FeatureMapsOptions } from "../viz/featureMaps.js";
export { maximizeActivation, type MaximizeOptions, type Maximized } from "../viz/maximizeActivation.js";
export { activationStatistics, gradientStatistics, updateRatios } from "../viz/statistics.js";
export type { GradientStatistics, LayerStatistics, NumberStatistics } from "../viz/statistics.js";
export type { ParameterStatistics, StatisticsOptions, UpdateRatio } from "../viz/statistics.js";
export { deadUnits, type DeadUnits } from "../viz/deadUnits.js";

// What a model is wrong about
export { topLosses, type TopLoss, type TopLossesOptions } from "../viz/topLosses.js";
export { mostConfused, type Confusion, type MostConfusedOptions } from "../viz/mostConfused.js";
export { suspectedLabels, type SuspectedLabel, type SuspectedLabelsOptions } from "../viz/suspectedLabels.js";

// Pictures
export { filtersImage, featureMapsImage } from "../viz/filters.js";
export type { FeatureMapsImageOptions, FiltersOptions } from "../viz/filters.js";
export { gridImage, heatmapImage, overlayImage, tensorImage } from "../viz/picture.js";
export type { ColorRange, GridOptions, HeatmapOptions, OverlayOptions, TensorImageOptions } from "../viz/picture.js";
export type { Picture, PixelBytes } from "../viz/picture.js";
export type { ColorMap } from "../viz/colors.js";
export { encodePng, type EncodePngOptions, type PngEncoder } from "../viz/png.js";
