// The entry handgrad/models: networks that come ready.

// A trained classifier of digits, and the way from a drawing to what it takes
export { digitClassifier } from "../pretrained/digitClassifier.js";
export { drawingSteps, drawingToDigit, type DrawingSteps } from "../pretrained/drawingToDigit.js";
export type { Box, InkPlane } from "../pretrained/inkPlane.js";
export type { Drawing, DrawingOptions, DrawingPixels } from "../pretrained/readInk.js";
