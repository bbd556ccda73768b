// CIFAR-10 and CIFAR-100 in their binary layout (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte (two for
// CIFAR-100: coarse, fine) and 3072 bytes, the red, the green and the blue plane of 32 x 32, row by row.
import { checkBytes, knownKeys, oneOf, show } from "../../base/check.js";
import { ArgumentError, FormatError, ShapeError } from "../../base/errors.js";
import { formatShape } from "../../base/shape.js";
import { TensorDataset, type ByteImages } from "../sets/tensorDataset.js";
import { describeBytes } from "../foreign.js";
import { nodeFiles } from "./nodeFiles.js";

const PIXELS = 3072;

/** Names of the classes of CIFAR-10, in the order of its labels. */
export const CIFAR10_CLASSES: readonly string[] = /* @__PURE__ */ Object.freeze([
  ...["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
]);

/**
 * Reads files of CIFAR-10 in the binary layout, one after the other, as bytes [N, 3, 32, 32] with labels 0 to 9.
 *
 * @example
 * const train = parseCifar10(await readFile("data_batch_1.bin"), await readFile("data_batch_2.bin"));
 * train.sampleShape; // [3, 32, 32]
 *
 * @throws FormatError for what is not a whole number of records, or a label above 9
 */
export function parseCifar10(...files: readonly (Uint8Array | ArrayBuffer)[]): TensorDataset {
  const { images, labels } = parse("parseCifar10", files, [["label", 10]]);
  return new TensorDataset(images, labels[0], { classes: CIFAR10_CLASSES });
}

/** Options of {@link parseCifar100}. */
export interface Cifar100Options {
  /** The 100 "fine" classes (default) or the 20 "coarse" ones. */
  readonly labels?: "fine" | "coarse";
}

/**
 * Reads a file of CIFAR-100 in the binary layout, as bytes [N, 3, 32, 32] with labels 0 to 99 (or 0 to 19).
 *
 * @throws FormatError for what is not a whole number of records, or a label that cannot be
 */
export function parseCifar100(file: Uint8Array | ArrayBuffer, options: Cifar100Options = {}): TensorDataset {
  const who = "parseCifar100";
  knownKeys(who, options, ["labels"]);
  const { labels: kind = "fine" } = options;
  oneOf(who, "labels", kind, ["fine", "coarse"]);
  const { images, labels } = parse(who, [file], [["coarse label", 20], ["fine label", 100]]); // prettier-ignore
  return new TensorDataset(images, labels[kind === "coarse" ? 0 : 1]);
}

/**
 * The bytes of a CIFAR-10 file in the binary layout: for data sets of your own in its form.
 *
 * @throws ShapeError unless the images are [N, 3, 32, 32], ArgumentError for labels that are not 0 to 9
 */
export function encodeCifar10({ data, shape }: ByteImages, labels: ArrayLike<number>): ReturnType<Uint8Array["slice"]> {
  const who = "encodeCifar10";
  const n = shape[0];
  if (formatShape(shape) !== formatShape([n, 3, 32, 32]) || data.length !== n * PIXELS || labels.length !== n) {
    throw new ShapeError(
      `${who}: expected bytes [N, 3, 32, 32] and N labels, got ${formatShape(shape)} with ${data.length} bytes and ` +
        `${labels.length} labels.`,
    );
  }
  const file = new Uint8Array(n * (PIXELS + 1));
  for (let i = 0; i < n; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < 0 || label > 9) {
      throw new ArgumentError(`${who}: expected labels from 0 to 9, got ${show(label)} at index ${i}.`);
    }
    file[i * (PIXELS + 1)] = label;
    file.set(data.subarray(i * PIXELS, (i + 1) * PIXELS), i * (PIXELS + 1) + 1);
  }
  return file;
}

/** What {@link readCifar10} gives. */
export interface Cifar10 {
  /** 50,000 images. */
  readonly train: TensorDataset;
  /** 10,000 images. */
  readonly test: TensorDataset;
}

/**
 * Opens the folder "cifar-10-batches-bin" of CIFAR-10's binary archive: 50,000 images to train on (184 MB in memory, with the
 * test images) and 10,000 to test. In Node; elsewhere fetch the files and use {@link parseCifar10}.
 *
 * @throws FileError when a file is missing or cannot be read, FormatError when one is damaged
 */
export async function readCifar10(folder: string): Promise<Cifar10> {
  const who = "readCifar10";
  const files = nodeFiles(who);
  const read = (name: string): Promise<Uint8Array> => files.read(files.join(folder, name));
  const train = await Promise.all([1, 2, 3, 4, 5].map((i) => read(`data_batch_${i}.bin`)));
  return { train: parseCifar10(...train), test: parseCifar10(await read("test_batch.bin")) };
}

function parse(
  who: string,
  files: readonly unknown[],
  kinds: readonly (readonly [name: string, classes: number])[],
): { images: ByteImages; labels: Uint8Array[] } {
  if (files.length === 0) throw new ArgumentError(`${who}: expected at least one file, got none.`);
  const record = kinds.length + PIXELS;
  const all = files.map((file, f) => {
    const bytes = checkBytes(who, file);
    if (bytes.length > 0 && bytes.length % record === 0) return bytes;
    const place = files.length === 1 ? "" : `file ${f}: `;
    const rest = bytes.length % record;
    const looks = bytes.length === 0 ? "" : `, beginning with ${describeBytes(bytes)}`;
    throw new FormatError(
      `${who}: ${place}expected records of ${record} bytes, got ${bytes.length} bytes${looks} (${rest} beyond the last whole ` +
        "record; the file is cut short, or is not the binary version).",
    );
  });
  const n = all.reduce((sum, { length }) => sum + length / record, 0);
  const data = new Uint8Array(n * PIXELS);
  const labels = kinds.map(() => new Uint8Array(n));
  let i = 0;
  all.forEach((bytes, f) => {
    for (let from = 0; from < bytes.length; from += record, i++) {
      kinds.forEach(([name, classes], k) => {
        const label = bytes[from + k];
        if (label >= classes) {
          const place = files.length === 1 ? "" : ` of file ${f}`;
          throw new FormatError(
            `${who}: expected a ${name} from 0 to ${classes - 1}, got ${label} in record ${from / record}${place} (the file is ` +
              "damaged, or of another data set).",
          );
        }
        labels[k][i] = label;
      });
      data.set(bytes.subarray(from + kinds.length, from + record), i * PIXELS);
    }
  });
  return { images: { data, shape: [n, 3, 32, 32] }, labels };
}
