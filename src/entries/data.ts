// The entry handgrad/data: data sets, batches of them, augmentation, readers of files, and sets that are drawn.
export { batches, type Batch, type Batches, type BatchesOptions } from "../data/batches.js";
export { Epochs, type BatchesPosition } from "../data/epochs.js";
export { permutation } from "../data/permutation.js";

// Data sets and their parts
export type { Dataset, Sample, SampleBatch } from "../data/sets/dataset.js";
export { TensorDataset, type ByteImages, type TensorDatasetOptions } from "../data/sets/tensorDataset.js";
export { Subset, subset } from "../data/sets/subset.js";
export { randomSplit, stratifiedSplit, type SplitOptions, type StratifiedOptions } from "../data/sets/split.js";
export { kFold, stratifiedKFold } from "../data/sets/kFold.js";
export type { Fold, KFoldOptions, StratifiedKFoldOptions } from "../data/sets/kFold.js";
export { classBalancedWeights, weightedRandomSampler } from "../data/sets/sampler.js";
export type { Sampler, WeightedSamplerOptions } from "../data/sets/sampler.js";

// Batches of a data set
export { DataLoader, type BatchTransformOptions, type DataLoaderOptions } from "../data/loader/dataLoader.js";
export { moduleDataset, type ModuleDataset } from "../data/loader/moduleDataset.js";

// Augmentation, by torchvision's names
export type { Draws, SampleTransform, Transform } from "../data/augment/transform.js";
export type { DrawKey, SampleRandom } from "../data/augment/sampleRandom.js";
export type { EdgeMode, Fill, Interpolation, Range } from "../data/augment/images.js";
export { alternatingHorizontalFlip, randomHorizontalFlip, randomVerticalFlip } from "../data/augment/flip.js";
export { horizontalFlip, verticalFlip, type FlipOptions } from "../data/augment/flip.js";
export { centerCrop, padImages, randomCrop, randomTranslate } from "../data/augment/crop.js";
export type { EdgeOptions, RandomCropOptions } from "../data/augment/crop.js";
export { affine, randomAffine, randomRotation, randomZoom, rotate } from "../data/augment/affine.js";
export type { AffineOptions, RandomAffineOptions, SamplingOptions } from "../data/augment/affine.js";
export { elastic, elasticTransform, type ElasticOptions } from "../data/augment/elastic.js";
export { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from "../data/augment/color.js";
export { colorJitter, type ColorJitterOptions } from "../data/augment/color.js";
export { cutout, randomErasing, type CutoutOptions, type RandomErasingOptions } from "../data/augment/erase.js";
export { randomResizedCrop, resize } from "../data/augment/resize.js";
export type { RandomResizedCropOptions, ResizeOptions } from "../data/augment/resize.js";
export { randomApply, randomChoice, type RandomApplyOptions } from "../data/augment/choose.js";
export { channelStatistics, grayscale, normalize, type ChannelStatistics } from "../data/augment/normalize.js";
export { cutMix, mixUp, type BatchTransform, type MixOptions } from "../data/augment/mix.js";
export { flipAndShiftViews, flipViews, testTimeAugmentation, type View } from "../data/augment/testTime.js";

// Data that are drawn, for examples and tests
export { makeDigits, type DigitOptions } from "../data/synthetic/digits.js";
export { makeShapes, makeStripes, type ShapeOptions } from "../data/synthetic/shapes.js";
export { makeSpirals, type SpiralOptions } from "../data/synthetic/spirals.js";
export type { SyntheticImageOptions, SyntheticOptions } from "../data/synthetic/make.js";

// Files
export { CIFAR10_CLASSES, encodeCifar10, parseCifar10, parseCifar100, readCifar10 } from "../data/readers/cifar.js";
export type { Cifar10, Cifar100Options } from "../data/readers/cifar.js";
export { imageFolder, type ImageFolder } from "../data/readers/imageFolder.js";
export { decodeImage } from "../data/readers/decodeImage.js";
export type { DecodeImageOptions, DecodedImage, Decoders } from "../data/readers/decodeImage.js";
export { pixelsFromCsv, type CsvOptions, type CsvPixels } from "../data/readers/csv.js";
export { imagesFromRgba, type PixelOptions, type RgbaPixels } from "../data/readers/rgba.js";
export { imagesFromIdx, labelsFromIdx, parseIdx, readIdx, type IdxArray, type IdxData } from "../data/idx.js";
