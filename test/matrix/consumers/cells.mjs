// The cells of the matrix: what each installs, what it runs, and what must come out.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../package/project.mjs";
import { RUNTIMES } from "../../repro/runtimes.mjs";
import { openPage, withServer } from "./page.mjs";

/** The digest of the program, everywhere. */
export const DIGEST = 2_621_430_893;

const gives = ({ digest, bytes, same }) => digest === DIGEST && bytes && same;
const lastLine = (text) => JSON.parse(text.trim().split("\n").at(-1));
const PRINT = "program().then((result) => console.log(JSON.stringify(result)));\n";
const ESM = `import { program } from "./program.mjs";\n${PRINT}`;
const CJS = `import("./program.mjs").then(({ program }) => ${PRINT.replace(/;\n$/, "")});\n`;
// Jest without its option for ES modules: the program's imports as CommonJS.
const REQUIRED = `const { transformSync } = require("esbuild");
const { readFileSync } = require("node:fs");
const { code } = transformSync(readFileSync(require.resolve("./program.mjs"), "utf8"), { format: "cjs" });
const made = { exports: {} };
new Function("require", "module", "exports", code)(require, made, made.exports);
`;
const TEST = `test("trains", async () => {
  const result = await made.exports.program();
  expect(result).toEqual({ digest: DIGEST, bytes: true, same: true });
});
`;

function runtime(name) {
  const { label, command, args = [] } = RUNTIMES.find((each) => each.name === name);
  const [version] = name.match(/\d+$/) ?? [""];
  return {
    ...{ name, title: `${label}${version && ` ${version}`}`, files: { "main.mjs": ESM } },
    common: name === "node",
    run: (home) => {
      const start = [...command(), ...args];
      const said = run(start[0], ["--version"], home);
      return {
        version: said.match(/\d+\.\d+\.\d+/)?.[0] ?? "",
        ...lastLine(run(start[0], [...start.slice(1), "main.mjs"], home)),
      };
    },
    holds: gives,
  };
}

function jest(environment, packages = []) {
  const test = REQUIRED + TEST.replace("DIGEST", String(DIGEST));
  return {
    name: `jest-${environment}`,
    title: `Jest, environment ${environment}`,
    packages: ["jest@30", "esbuild@0.27", ...packages],
    type: "commonjs",
    files: { "main.test.js": environment === "jsdom" ? `/** @jest-environment jsdom */\n${jsdomTest()}` : test },
    run: passes("node_modules/jest/bin/jest.js", ["--ci"], "jest"),
    holds: ({ passed }) => passed === true,
  };
}

// esbuild does not run under jsdom: the test says by itself what it needs.
function jsdomTest() {
  return `const { Flatten, Linear, Sequential, manualSeed, ones } = require("handgrad");
const { loadModel, saveModel } = require("handgrad/io");
test("stores and predicts", () => {
  manualSeed(1);
  const model = new Sequential(new Flatten(), new Linear(4, 2));
  const again = loadModel(saveModel(model));
  expect(again.predict(ones([1, 1, 2, 2])).toArray()).toEqual(model.predict(ones([1, 1, 2, 2])).toArray());
});
`;
}

/** Runs a test program of the folder. */
function passes(script, args, versionOf) {
  return (home) => {
    run(process.execPath, [script, ...args], home);
    return { passed: true, version: versionIn(home, versionOf) };
  };
}

function versionIn(home, name) {
  const code = `console.log(JSON.parse(require("fs").readFileSync("node_modules/${name}/package.json", "utf8")).version)`;
  return run(process.execPath, ["-e", code], home).trim();
}

const TYPED = `import { Conv2d, Sequential, type Tensor } from "handgrad";
import { TensorDataset } from "handgrad/data";
import { saveModel } from "handgrad/io";
import { Accuracy } from "handgrad/metrics";
import { fit } from "handgrad/train";
import { setThreads } from "handgrad/threads";
const model: Sequential = new Sequential(new Conv2d(1, 2, 3));
const y: Tensor = model.predict([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]] as never);
const bytes: Uint8Array = saveModel(model);
export { Accuracy, TensorDataset, bytes, fit, setThreads, y };
`;

function typescript(label, spec, resolutions, extra = {}) {
  return {
    name: `typescript-${label}`,
    title: `TypeScript ${label}: ${resolutions.map(([, resolution]) => resolution).join(", ")}`,
    packages: [spec],
    files: { "main.ts": TYPED },
    note: "`strict`, `skipLibCheck: false`",
    run: (home) => {
      for (const [module, moduleResolution] of resolutions) {
        const checks = { noEmit: true, strict: true, skipLibCheck: false, types: [], lib: ["es2022", "dom"] };
        const compilerOptions = { ...checks, target: "es2022", module, moduleResolution };
        writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
        run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "."], home);
      }
      return { passed: true, version: versionIn(home, "typescript") };
    },
    holds: ({ passed }) => passed === true,
    ...extra,
  };
}

const NODE10 = ["commonjs", "node"];
const NODE16 = ["node16", "node16"];
const BUNDLER = ["esnext", "bundler"];

const PAGE_SCRIPT = `import { program } from "./program.mjs";
program().then(
  (result) => (document.title = JSON.stringify(result)),
  (error) => (document.title = JSON.stringify({ error: String(error) })),
);
`;

const parcel = {
  name: "parcel",
  title: "Parcel",
  packages: ["parcel@2"],
  manifest: { "@parcel/resolver-default": { packageExports: true } },
  note: 'with `"@parcel/resolver-default": { "packageExports": true }` in the app\'s package.json',
  files: {
    "index.html": '<!doctype html><title></title><script type="module" src="./main.mjs"></script>\n',
    "main.mjs": PAGE_SCRIPT,
  },
  run: async (home) => {
    const options = ["--no-cache", "--no-source-maps", "--public-url", "./", "--dist-dir", "dist"];
    run(process.execPath, ["node_modules/parcel/lib/bin.js", "build", "index.html", ...options], home);
    const result = await withServer(join(home, "dist"), (origin) => openPage(`${origin}/index.html`));
    return { ...result, version: versionIn(home, "parcel") };
  },
  holds: gives,
};

const next = {
  name: "next",
  title: "Next, server and client component",
  packages: ["next@16", "react@19", "react-dom@19"],
  files: {
    "app/layout.jsx":
      'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n',
    "app/page.jsx": `import { program } from "../program.mjs";
import Client from "./client.jsx";
export default async function Page() {
  return <main><p id="server">{JSON.stringify(await program())}</p><Client /></main>;
}
`,
    "app/client.jsx": `"use client";
import { useEffect } from "react";
import { program } from "../program.mjs";
export default function Client() {
  useEffect(() => void program().then((result) => (document.title = JSON.stringify(result))), []);
  return null;
}
`,
    "next.config.mjs": 'export default { output: "export" };\n',
  },
  run: async (home) => {
    run(process.execPath, ["node_modules/next/dist/bin/next", "build"], home);
    const server = run("cat", ["out/index.html"], home).match(/<p id="server">(.*?)<\/p>/)?.[1] ?? "{}";
    const result = await withServer(join(home, "out"), (origin) => openPage(`${origin}/index.html`));
    const built = JSON.parse(server.replaceAll("&quot;", '"'));
    return { ...result, same: result.same && built.digest === result.digest, version: versionIn(home, "next") };
  },
  holds: gives,
};

const vitestCell = {
  name: "vitest",
  title: "vitest",
  packages: ["vitest@5", "vite@8"],
  files: {
    "main.test.mjs": `import { expect, test } from "vitest";
import { program } from "./program.mjs";
const made = { exports: { program } };
${TEST.replace("DIGEST", String(DIGEST))}`,
  },
  run: passes("node_modules/vitest/vitest.mjs", ["run"], "vitest"),
  holds: ({ passed }) => passed === true,
};

const tsJest = {
  name: "ts-jest",
  title: "ts-jest",
  packages: ["jest@30", "ts-jest@29", "typescript@5.9", "@types/jest@30"],
  type: "commonjs",
  files: {
    "tsconfig.json":
      '{ "compilerOptions": { "module": "commonjs", "moduleResolution": "node", "target": "es2022", "strict": true } }\n',
    "jest.config.js": 'module.exports = { preset: "ts-jest" };\n',
    "main.test.ts": `import { Flatten, Linear, Sequential, manualSeed, ones } from "handgrad";
import { loadModel, saveModel } from "handgrad/io";
test("stores and predicts", () => {
  manualSeed(1);
  const model = new Sequential(new Flatten(), new Linear(4, 2));
  const again = loadModel(saveModel(model));
  expect(again.predict(ones([1, 1, 2, 2])).toArray()).toEqual(model.predict(ones([1, 1, 2, 2])).toArray());
});
`,
  },
  run: passes("node_modules/jest/bin/jest.js", ["--ci"], "ts-jest"),
  holds: ({ passed }) => passed === true,
};

export const CELLS = [
  runtime("node"),
  ...["node20", "node22", "node24", "node26", "bun", "deno"].map(runtime),
  {
    name: "commonjs",
    title: "Node, CommonJS",
    common: true,
    type: "commonjs",
    files: { "main.cjs": CJS },
    run: (home) => ({ ...lastLine(run(process.execPath, ["main.cjs"], home)), version: process.versions.node }),
    holds: gives,
  },
  jest("node"),
  jest("jsdom", ["jest-environment-jsdom@30"]),
  tsJest,
  vitestCell,
  parcel,
  next,
  typescript("5.0", "typescript@5.0", [NODE10, NODE16, BUNDLER]),
  typescript("5.4", "typescript@5.4", [NODE10, NODE16, BUNDLER]),
  typescript("5.9", "typescript@5.9", [NODE10, NODE16, BUNDLER]),
  typescript("6", "typescript@6", [NODE16, BUNDLER]),
  typescript("7", "typescript@7", [NODE16, BUNDLER]),
];
