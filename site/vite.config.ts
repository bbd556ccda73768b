// Builds the pages: plain Vite, one HTML file a page and one script a page for embedding, nothing inline, relative addresses.
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { digits } from "./build/digits.js";
import { formulas } from "./build/formulas.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The pages, in the order of the menu. */
const PAGES = ["index", "step", "train", "filters", "activations", "count", "descend", "norm"];
const ENTRIES = ["reference", "data", "io", "threads", "models"];

/** The package around us says that it has no side effects; its pages are nothing but. */
const pagesHaveEffects: Plugin = {
  name: "handgrad-effects",
  enforce: "pre",
  transform: (code, id) => (id.startsWith(here(".")) ? { code, map: null, moduleSideEffects: true } : undefined),
};

export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [pagesHaveEffects, digits(), formulas()],
  resolve: {
    // The package as its users get it: built.
    alias: [
      ...ENTRIES.map((name) => ({ find: `handgrad/${name}`, replacement: here(`../dist/${name}.js`) })),
      { find: /^handgrad$/, replacement: here("../dist/index.js") },
    ],
  },
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: here("dist"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        ...Object.fromEntries(PAGES.map((page) => [page, here(`${page}.html`)])),
        ...Object.fromEntries(PAGES.slice(1).map((page) => [`embed-${page}`, here(`src/${page}/element.ts`)])),
      },
      // A page that embeds an element names its file: dist/embed-step.js. The rest has a hash.
      output: {
        entryFileNames: (chunk) => (chunk.name.startsWith("embed-") ? "[name].js" : "assets/[name]-[hash].js"),
      },
      preserveEntrySignatures: "strict",
    },
  },
});
