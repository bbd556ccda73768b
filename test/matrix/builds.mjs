// How each bundler builds the small app: functions from a project's folder, where bundler and package are installed, to the
// folder of the output. Every output gets a worker.js of the app's own. No running here.
import { cpSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const APP = fileURLToPath(new URL("app", import.meta.url));
const PAGE = '<!doctype html><meta charset="utf-8"><title>app</title><link rel="icon" href="data:,">';

/** Lays the app's sources into a project. */
export function layApp(project) {
  const source = join(project, "src");
  cpSync(APP, source, { recursive: true });
  // Vite takes the page and what is in public/ from its root, which is src/.
  mkdirSync(join(source, "public"), { recursive: true });
  copyFileSync(join(APP, "worker.js"), join(source, "public/worker.js"));
  writeFileSync(join(source, "index.html"), `${PAGE}<script type="module" src="./page.mjs"></script>\n`);
}

/** A module of the project's node_modules, or of this repository's. */
async function load(project, name) {
  const require = createRequire(join(project, "package.json"));
  const module = await import(pathToFileURL(require.resolve(name)).href);
  return module.default?.build || module.default?.rollup ? module.default : module;
}

function freshOutput(project, name) {
  const out = join(project, `out-${name}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  copyFileSync(join(APP, "worker.js"), join(out, "worker.js"));
  return out;
}

function page(out, script, type = 'type="module"') {
  writeFileSync(join(out, "index.html"), `${PAGE}<script ${type} src="./${script}"></script>\n`);
  return out;
}

export function esbuildPage(format) {
  return async (project) => {
    const out = freshOutput(project, `esbuild-${format}`);
    await runEsbuild(project, "page.mjs", join(out, "app.js"), format, "browser");
    return page(out, "app.js", format === "esm" ? undefined : "defer");
  };
}

/** For Node, Bun and Deno; the answer is the file. */
export function esbuildProcess(format, extension) {
  return async (project) => {
    const file = join(freshOutput(project, `esbuild-process-${format}`), `app.${extension}`);
    await runEsbuild(project, "process.mjs", file, format, "node");
    return file;
  };
}

async function runEsbuild(project, entry, outfile, format, platform) {
  const { build } = await load(project, "esbuild");
  // In CommonJS `import.meta.url` is empty, and esbuild warns of it.
  const options = { bundle: true, minify: true, logLevel: "error", target: "es2022", absWorkingDir: project };
  await build({ ...options, entryPoints: [join(project, "src", entry)], outfile, format, platform });
}

export function rollupPage(format) {
  return async (project) => {
    const out = freshOutput(project, `rollup-${format}`);
    await runRollup(project, "page.mjs", join(out, "app.js"), format);
    return page(out, "app.js", format === "es" ? undefined : "defer");
  };
}

export async function rollupProcess(project) {
  const file = join(freshOutput(project, "rollup-process"), "app.mjs");
  await runRollup(project, "process.mjs", file, "es");
  return file;
}

async function runRollup(project, entry, file, format) {
  const { rollup } = await load(project, "rollup");
  const require = createRequire(join(project, "package.json"));
  const { nodeResolve } = await import(pathToFileURL(require.resolve("@rollup/plugin-node-resolve")).href);
  const bundle = await rollup({ input: join(project, "src", entry), plugins: [nodeResolve()], logLevel: "silent" });
  await bundle.write({ file, format, name: "app" });
  await bundle.close();
}

export async function webpackPage(project) {
  const out = freshOutput(project, "webpack");
  await runWebpack(project, "page.mjs", out, "web", "app.js");
  return page(out, "app.js", "defer");
}

export async function webpackProcess(project) {
  const out = freshOutput(project, "webpack-process");
  await runWebpack(project, "process.mjs", out, "node", "app.cjs");
  return join(out, "app.cjs");
}

async function runWebpack(project, entry, path, target, filename) {
  const webpack = createRequire(join(project, "package.json"))("webpack");
  const compiler = webpack({
    mode: "production",
    context: project,
    entry: join(project, "src", entry),
    target,
    output: { path, filename },
    performance: false,
  });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
}

const vite = (project) => import(pathToFileURL(join(project, "node_modules/vite/dist/node/index.js")).href);

export async function vitePage(project) {
  const { build } = await vite(project);
  const outDir = join(project, "out-vite");
  await build({
    ...{ root: join(project, "src"), base: "./", configFile: false, logLevel: "error" },
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 10_000, target: "es2022" },
  });
  return outDir;
}

/** Vite's development server on 127.0.0.1: its address, and what ends it. `onForeign` is called when the app's worker runs. */
export async function viteServer(project, headers, exclude, onForeign) {
  const { createServer } = await vite(project);
  const server = await createServer({
    ...{ root: join(project, "src"), configFile: false, logLevel: "silent" },
    cacheDir: join(project, "node_modules", `.vite-${exclude.length}`),
    server: { host: "127.0.0.1", port: 0, headers, hmr: false, watch: null },
    // Named here, so that nothing is found late and the page is not loaded a second time.
    optimizeDeps: { exclude, include: ["handgrad", "handgrad/threads"].filter((name) => !exclude.includes(name)) },
    plugins: [
      {
        name: "foreign-worker",
        configureServer: ({ middlewares }) => {
          middlewares.use("/foreign-worker-started", (_, response) => (onForeign(), response.end()));
        },
      },
    ],
  });
  await server.listen();
  return { origin: `http://127.0.0.1:${server.httpServer.address().port}`, close: () => server.close() };
}
