// A folder of images, one folder inside it for each class: read and decoded when a batch asks for them.
import { show } from "../../base/check.js";
import { ArgumentError, FormatError } from "../../base/errors.js";
import type { Tensor } from "../../base/tensor.js";
import type { Dataset, Sample } from "../sets/dataset.js";
import { decodeAs, type DecodeImageOptions } from "./decodeImage.js";
import { nodeFiles, type NodeFiles } from "./nodeFiles.js";
import { readPixelOptions } from "./rgba.js";

const IMAGES = /\.(png|jpe?g)$/i;

/** The images of a folder, see {@link imageFolder}. */
export interface ImageFolder extends Dataset {
  /** Names of the classes: the folders, in the order of their code units. */
  readonly classes: readonly string[];
  /** The class of each image. */
  readonly labels: Int32Array;
  /** The path of each image. */
  readonly files: readonly string[];
  /** One image [C, H, W] from 0 to 1, and its class. */
  get(index: number): Promise<Sample>;
}

/**
 * The images below a folder as a data set: `pets/cat/1.png`, `pets/dog/tall/2.jpg` have the classes "cat" and "dog", which are
 * numbered in the order of their names (as torchvision's ImageFolder). Files are read and decoded when they are asked for, so
 * loop with `for await`; a `resize`, `centerCrop` or `randomResizedCrop` makes them one size. In Node; PNG needs the package
 * `fast-png`, JPEG `jpeg-js` (see {@link decodeImage}).
 *
 * @throws FileError when the folder cannot be listed, ArgumentError when a class has no images
 */
export function imageFolder(folder: string, options: DecodeImageOptions = {}): ImageFolder {
  const who = "imageFolder";
  if (typeof folder !== "string" || folder === "") {
    throw new ArgumentError(`${who}: expected the path of a folder, got ${show(folder)}.`);
  }
  const settings = readPixelOptions(who, options, ["decoders"]);
  const { decoders = {} } = options;
  const disk = nodeFiles(who);
  const classes = visible(disk, folder)
    .filter(({ isFolder }) => isFolder)
    .map(({ name }) => name);
  if (classes.length === 0) {
    throw new ArgumentError(`${who}: expected a folder for each class in ${folder}, got none (as in pets/cat/1.png).`);
  }
  const perClass = classes.map((name) => imagesBelow(disk, disk.join(folder, name)));
  const empty = perClass.findIndex((files) => files.length === 0);
  if (empty >= 0) {
    throw new ArgumentError(
      `${who}: expected .png, .jpg or .jpeg files of class "${classes[empty]}" in ${folder}, got none.`,
    );
  }
  const files = perClass.flat();
  const labels = Int32Array.from(perClass.flatMap((each, label) => each.map(() => label)));
  return {
    length: files.length,
    classes: Object.freeze(classes),
    labels,
    files: Object.freeze(files),
    async get(index: number): Promise<Sample> {
      const path = files[index];
      if (path === undefined) {
        throw new ArgumentError(`${who}: expected a sample from 0 to ${files.length - 1}, got ${show(index)}.`);
      }
      return [await decode(path, await disk.read(path)), labels[index]];
    },
  };

  async function decode(path: string, bytes: Uint8Array): Promise<Tensor> {
    try {
      return await decodeAs(who, bytes, settings, decoders);
    } catch (error) {
      if (error instanceof FormatError) throw new FormatError(`${path}: ${error.message}`, { cause: error });
      if (error instanceof ArgumentError) throw new ArgumentError(`${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

function visible(disk: NodeFiles, folder: string): { readonly name: string; readonly isFolder: boolean }[] {
  return disk.list(folder).filter(({ name }) => !name.startsWith("."));
}

function imagesBelow(disk: NodeFiles, folder: string): string[] {
  return visible(disk, folder).flatMap(({ name, isFolder }) => {
    const path = disk.join(folder, name);
    return isFolder ? imagesBelow(disk, path) : IMAGES.test(name) ? [path] : [];
  });
}
