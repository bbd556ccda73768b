// Every property draws from one fixed seed, and so do the weights and draws of models, so that a run repeats; FUZZ_SEED draws
// others. Without this a test whose bound is tight would fail once in many runs, and nobody could repeat it.
import fc from "fast-check";
import { manualSeed } from "../../src/numbers/random.js";

const seed = Number(process.env.FUZZ_SEED ?? 20261122);
fc.configureGlobal({ seed });
manualSeed(seed);
