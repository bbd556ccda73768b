// The whole public API of the core, on one screen and without logic. Other entries: data, metrics, models, train, worker, serve, viz,
// report, io, predict, npz, onnx, threads, wide, reference, plain, ndarray.

// Tensors
export { Tensor, type FloatArray, type SliceRange } from "./base/tensor.js";
export type { TensorCopy, TensorJson, TensorSource, TypedRows } from "./base/tensor.js";
export type { NestedNumbers } from "./base/nested.js";
export type { ConvPadding1d } from "./base/sequence.js";
export type { ConvPadding, Pair, PairOption, Shape } from "./base/shape.js";
export { arange, eye, fromRgba, full, ones, rand, randn, zeros } from "./ops/create.js";
export type { FromRgbaOptions, RandomOptions } from "./ops/create.js";

// Maths on tensors
export { add, divide, multiply, subtract } from "./ops/arithmetic.js";
export { clamp, exp, log, sqrt } from "./ops/elementwise.js";
export { matmul } from "./ops/matmul.js";
export { max, mean, min, sum, variance } from "./ops/reduce.js";
export type { ReduceOptions, VarianceOptions } from "./ops/reduce.js";
export { concat, nchwToNhwc, nhwcToNchw, stack } from "./ops/layout.js";
export { pad, type PadOptions } from "./ops/pad.js";
export { allClose, type AllCloseOptions } from "./ops/allClose.js";

// Signals: correlation and convolution of plain lists and images, step by step if wanted
export { correlate1d } from "./signals/correlate1d.js";
export { convolve1d } from "./signals/convolve1d.js";
export { correlate2d } from "./signals/correlate2d.js";
export { convolve2d } from "./signals/convolve2d.js";
export { autocorrelate } from "./signals/autocorrelate.js";
export { maxPool2dTrace } from "./signals/trace.js";
export type { CorrelationStep, CorrelationStep1d, MaxPool2dStep } from "./signals/trace.js";
export type { Signal1d, Signal1dOptions, Signal2d, Signal2dOptions, SignalMode } from "./signals/signal.js";

// Layers
export { Layer, type BackwardOptions } from "./nn/layer.js";
export { StateBuffer } from "./nn/stateBuffer.js";
export type { Json, LayerConfig } from "./nn/config.js";
export { detectAnomaly } from "./nn/anomaly.js";
export type { PassKind } from "./nn/pass.js";
export { watch, type LayerBackward, type LayerForward, type Watching } from "./nn/watch.js";
export { Parameter } from "./nn/parameter.js";
export type { LoadOptions, LoadReport, StateDict } from "./nn/stateDict.js";
export type { ForwardBackward } from "./nn/plainObject.js";
export type { LayerLike } from "./nn/container/entries.js";
export { Summary, type SummaryRow } from "./nn/summary.js";
export * from "./nn/layers.js";

// The same as functions: each value beside its gradients
export { conv2d, conv2dBiasGrad, conv2dInputGrad, conv2dWeightGrad } from "./ops/conv2d.js";
export type { Conv2dOptions, PaddingMode } from "./ops/conv2d.js";
export { maxPool2d, maxPool2dInputGrad, type MaxPooled, type MaxPool2dOptions } from "./ops/maxPool2d.js";
export { avgPool2d, avgPool2dInputGrad, type AvgPool2dOptions } from "./ops/avgPool2d.js";
export { linear, linearBiasGrad, linearInputGrad, linearWeightGrad } from "./ops/linear.js";
export { relu, reluDerivative, reluInputGrad } from "./ops/activation.js";
export { sigmoid, sigmoidDerivative, sigmoidInputGrad } from "./ops/activation.js";
export { tanh, tanhDerivative, tanhInputGrad } from "./ops/activation.js";
export { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "./ops/softmax.js";

// Losses, optimizers, metrics, initial weights
export { Loss, type LossValue, type Reduction } from "./loss/loss.js";
export * from "./loss/losses.js";
export { Optimizer } from "./optim/optimizer.js";
export type { GroupState, OptimizerState, ParameterState } from "./optim/state.js";
export type { GroupOptions, ParameterGroup, ParametersOrGroups } from "./optim/groups.js";
export * from "./optim/optimizers.js";
export { Lookahead, type LookaheadOptions } from "./optim/lookahead.js";
export { clipGradNorm, clipGradValue, type ClipGradNormOptions } from "./optim/clip.js";
export {
  LRScheduler,
  type ScheduledGroup,
  type ScheduledOptimizer,
  type SchedulerState,
} from "./optim/schedules/scheduler.js";
export * from "./optim/schedules/schedules.js";
export { accuracy } from "./metrics/accuracy.js";
export type { Initializer } from "./init/initializer.js";
export { constantInit, onesInit, zerosInit } from "./init/constant.js";
export { normalInit, uniformInit } from "./init/uniform.js";
export { glorotNormal, glorotUniform } from "./init/glorot.js";
export { kaimingNormal, kaimingUniform, type KaimingOptions } from "./init/kaiming.js";
export { diracInit, eyeInit, type DiracOptions } from "./init/dirac.js";
export { orthogonalInit } from "./init/orthogonal.js";
export { truncNormalInit, type TruncNormalOptions } from "./init/truncNormal.js";
export { whiteningInit, type WhiteningOptions } from "./init/whitening.js";
export { torchDefault } from "./init/torchDefault.js";

// Randomness
export { fillNormal, normal } from "./numbers/normal.js";
export { Generator, getSeed, manualSeed, type GeneratorState, type StreamKind } from "./numbers/random.js";

// Backends and errors
export { backendInfo, setBackend } from "./backend/select.js";
export { setConvAlgorithm, type ConvAlgorithm } from "./backend/convAlgorithm.js";
export { wasm } from "./backend/wasm/backend.js";
export type { Backend, BackendInfo, Kernels } from "./backend/kernels.js";
export * from "./base/errors.js";
