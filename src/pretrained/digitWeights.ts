// Made by `npm run pretrain:digits`; packedWeights.ts tells how to read it.
export const DIGIT_WEIGHTS = "";
