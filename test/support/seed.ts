// Every property draws from one fixed seed, so that a run repeats; FUZZ_SEED draws others.
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20261122) });
