// Changed checkpoints: a typed error or a restored run, never half of one. The fuzz harness runs the same target for longer.
import { expect, it } from "vitest";
import { HandgradError, manualSeed } from "../../src/index.js";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  restoreCheckpoint,
  type Checkpoint,
  type Run,
} from "../../src/entries/io.js";
import { Generator } from "../../src/numbers/random.js";
import { makeRuns, target } from "../fuzz/targets/checkpoint.js";

const RUNS = Math.min(Number(process.env.FUZZ_RUNS ?? 4000), 200_000);

it(
  `is refused with the run unchanged, or restored as a whole, in ${RUNS} changes of valid files`,
  { timeout: 3_600_000 },
  () => {
    const draws = new Generator("draw", { seed: Number(process.env.FUZZ_SEED ?? 20261122) });
    const random = (): number => draws.uniform();
    const seeds = target.seeds();
    const runs = makeRuns();
    const objects = runs.map(({ model, optimizer, schedule, batches }): Run => ({ model, ...(optimizer && { optimizer }), ...(schedule && { schedule }), ...(batches && { batches }) })); // prettier-ignore
    const counts = { unread: 0, refused: 0, restored: 0 };
    for (let i = 0; i < RUNS; i++) {
      const which = i % seeds.length;
      const bytes = target.mutate(seeds[which], random);
      let checkpoint: Checkpoint;
      try {
        checkpoint = decodeCheckpoint(bytes);
      } catch (error) {
        if (!(error instanceof HandgradError)) throw error;
        counts.unread++;
        continue;
      }
      manualSeed(1);
      const before = encodeCheckpoint(objects[which]);
      try {
        restoreCheckpoint(objects[which], checkpoint);
        counts.restored++;
        restoreCheckpoint(objects[which], decodeCheckpoint(seeds[which]));
      } catch (error) {
        if (!(error instanceof HandgradError)) throw error;
        expect(encodeCheckpoint(objects[which]), error.message).toEqual(before);
        counts.refused++;
      }
    }
    // Each door is tried.
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(RUNS / 40);
  },
);
