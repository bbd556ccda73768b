// The passes of a convolution as the job runner sees them: which algorithm serves a geometry is decided here, by the
// geometry alone, never by the batch or the threads.
import {
  directInputGradPrepare, directInputGradSamples, directInputGradScratch, directInputGradShared, directPrepare,
  directSamples, directScratch, directShared, directWeightGradPrepare, directWeightGradSamples, directWeightGradScratch,
  directWeightGradShared,
} from "./conv2d";

/** Samples that one chunk of the forward pass works on. */
export function conv2dBlock(g: usize): i32 {
  return 1;
}

export function conv2dShared(g: usize): i32 {
  return directShared(g);
}

export function conv2dScratch(g: usize): i32 {
  return directScratch(g);
}

export function conv2dPrepare(g: usize, w: usize, shared: usize): void {
  directPrepare(g, w, shared);
}

export function conv2dSamples(
  g: usize, x: usize, b: usize, y: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  directSamples(g, x, b, y, shared, first, count, scratch);
}

/** Samples that one chunk of the input gradient works on. */
export function conv2dInputGradBlock(g: usize): i32 {
  return 1;
}

export function conv2dInputGradShared(g: usize): i32 {
  return directInputGradShared(g);
}

export function conv2dInputGradScratch(g: usize): i32 {
  return directInputGradScratch(g);
}

export function conv2dInputGradPrepare(g: usize, w: usize, shared: usize): void {
  directInputGradPrepare(g, w, shared);
}

export function conv2dInputGradSamples(
  g: usize, dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  directInputGradSamples(g, dy, dx, shared, first, count, scratch);
}

export function conv2dWeightGradShared(g: usize): i32 {
  return directWeightGradShared(g);
}

export function conv2dWeightGradScratch(g: usize): i32 {
  return directWeightGradScratch(g);
}

export function conv2dWeightGradPrepare(g: usize, shared: usize): void {
  directWeightGradPrepare(g, shared);
}

/** Numbers of one partial sum of the weight gradient: what `samples` fills and `finish` adds up. */
export function conv2dWeightGradPart(g: usize): i32 {
  return load<i32>(g, 16) * (load<i32>(g, 4) / load<i32>(g, 60)) * load<i32>(g, 20) * load<i32>(g, 24);
}

export function conv2dWeightGradSamples(
  g: usize, x: usize, dy: usize, part: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  directWeightGradSamples(g, x, dy, part, shared, first, count, scratch);
}

/** dw = sum of the parts, in their order. The first part is overwritten. */
export function conv2dWeightGradFinish(g: usize, parts: usize, count: i32, dw: usize): void {
  const size = <usize>conv2dWeightGradPart(g) << 2;
  for (let i: usize = 0; i < size; i += 4) {
    let sum = f32.load(parts + i);
    for (let p = 1; p < count; p++) sum += f32.load(parts + <usize>p * size + i);
    f32.store(dw + i, sum);
  }
}
