// In place of load.ts where the kit's kernels are in the first module: the build of handgrad/predict.
export const load = undefined;
