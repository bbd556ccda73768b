// What 07-mnist does with checkpoints: opens the folder, finds where to go on, refuses what contradicts it.
import { createHash } from "node:crypto";
import { HandgradError, type Sequential } from "handgrad";
import { openCheckpoints, type Checkpoint, type Checkpoints } from "handgrad/io";
import type { Digits } from "./mnistData.js";
import { DEFAULTS, FLAGS, type MnistOptions, type TrainingOptions } from "./mnistOptions.js";

/** Kept beside the state of the run. */
export interface MnistExtra {
  readonly options: TrainingOptions;
  /** Digest of the training labels: a run goes on with the digits it began with. */
  readonly digits: string;
  /** Digits seen in this epoch, and the sum of their losses. */
  readonly seen: number;
  readonly sum: number;
}

export interface Start {
  readonly options: TrainingOptions;
  readonly checkpoints: Checkpoints | undefined;
  /** What a resumed run goes on from. */
  readonly from: Checkpoint | undefined;
}

/** The options of the run, its place for checkpoints, and where it goes on. */
export async function findStart({ training, checkpoint: folder, resume }: MnistOptions): Promise<Start> {
  const checkpoints = folder === undefined ? undefined : await openCheckpoints(folder);
  const entries = (await checkpoints?.list()) ?? [];
  if (!resume && entries.length > 0) {
    throw new HandgradError(
      `${folder}: expected a folder without checkpoints, got ${entries.length} (go on with --resume, or name another folder).`,
    );
  }
  const found = resume ? await checkpoints?.read({ fallback: true }) : undefined;
  if (resume && !found) {
    throw new HandgradError(`${folder}: expected a checkpoint to resume from, got none (leave out --resume to start).`);
  }
  if (!found) return { options: { ...DEFAULTS, ...training }, checkpoints, from: undefined };
  for (const { reason } of found.skipped) console.error(`Passed over: ${reason}`);
  const { options } = found.checkpoint.extra as MnistExtra;
  for (const name of ["batchSize", "lr", "seed"] as const) {
    if (training[name] === undefined || training[name] === options[name]) continue;
    throw new HandgradError(
      `${FLAGS[name]}: expected ${options[name]}, with which the checkpoint was made, got ${training[name]} (leave it out, or ` +
        `start a new run in another folder).`,
    );
  }
  const { epoch } = found.checkpoint.batches[0];
  if ((training.epochs ?? epoch) < epoch) {
    throw new HandgradError(
      `${FLAGS.epochs}: expected at least ${epoch}, which are done already, got ${training.epochs}.`,
    );
  }
  console.log(`Going on from ${found.name}`);
  return { options: { ...options, ...training }, checkpoints, from: found.checkpoint };
}

/** Throws when the digits are not those of the checkpoint. */
export function checkDigits({ labels }: Digits, from: Checkpoint | undefined): string {
  const digits = digestOf(labels);
  if (from === undefined || (from.extra as MnistExtra).digits === digits) return digits;
  throw new HandgradError(`--data: expected the digits that the checkpoint was made with, got others.`);
}

/** A digest of all weights, bit by bit. */
export function weightsDigest(model: Sequential): string {
  return digestOf(...Object.values(model.stateDict()).map(({ data }) => data));
}

function digestOf(...arrays: readonly (Int32Array | Float32Array)[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex").slice(0, 16);
}
