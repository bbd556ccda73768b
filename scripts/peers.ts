// A plugin of the build for the packages that some entries need and nobody must have. An import that fails names the file that
// imports, so these packages are imported by files of their own whose names say what to do:
//
//     Cannot find package 'fflate' imported from .../node_modules/handgrad/dist/npm-install-fflate.js
//
// (A message of ours would need an import that may fail, which is asynchronous, and no bundler would follow it.)
import { mkdirSync, writeFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** The packages, each with the name of the file that imports it. */
export const PEERS = { fflate: "npm-install-fflate", "@bufbuild/protobuf/wire": "npm-install-bufbuild-protobuf" };

export const peers: Plugin = {
  name: "peers",
  setup(build) {
    // What tsup makes in the end; esbuild's own format is ESM in either case.
    const [suffix, source] =
      build.initialOptions.define?.TSUP_FORMAT === '"cjs"'
        ? [".cjs", (name: string) => `module.exports = require("${name}");\n`]
        : [".js", (name: string) => `export * from "${name}";\n`];
    for (const [name, file] of Object.entries(PEERS)) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: `./${file}${suffix}`, external: true }));
      build.onEnd(() => {
        mkdirSync("dist", { recursive: true });
        writeFileSync(`dist/${file}${suffix}`, source(name));
      });
    }
  },
};
