// Checkpoints in headless Chromium's IndexedDB: a page that is reloaded at any time goes on as if it had not been, with Node's
// bits. `npm run test:browser` after a build; the last line is "N passed, N failed". Serves on 127.0.0.1 only.
import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import * as core from "handgrad";
import * as data from "handgrad/data";
import * as io from "handgrad/io";
import { trainTo } from "./checkpointRun.mjs";

const STEPS = 14; // of four an epoch
const root = fileURLToPath(new URL("../..", import.meta.url));
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json" };
const PAGE = `<!doctype html><meta charset="utf-8"><title>handgrad</title><script type="module">
  import * as core from "/dist/index.js";
  import * as data from "/dist/data.js";
  import * as io from "/dist/io.js";
  import { trainTo } from "/test/browser/checkpointRun.mjs";
  window.io = io;
  window.core = core;
  window.trainTo = (steps, place, options) => trainTo(steps, place, { core, data, io }, options);
  window.step = 0;
</script>`;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://127.0.0.1");
  const policy = { "Content-Security-Policy": "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'" };
  if (pathname === "/") {
    response.writeHead(200, { "Content-Type": "text/html", ...policy }).end(PAGE);
    return;
  }
  const path = join(root, normalize(pathname));
  if (!/^\/(dist|test\/browser)\//.test(pathname) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain" });
  createReadStream(path).pipe(response);
});

let passed = 0;
let failed = 0;
function check(title, holds, got = "") {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

async function open(page) {
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction("window.step === 0", undefined, { timeout: 30000 });
}

async function checkPage(page, expected) {
  await open(page);
  const whole = await page.evaluate((steps) => window.trainTo(steps, "whole"), STEPS);
  check("an uninterrupted run on a page has Node's bits", whole.digest === expected.digest, { whole, expected });

  await page.evaluate(() => window.trainTo(5, "stopped"));
  await open(page);
  const resumed = await page.evaluate((steps) => window.trainTo(steps, "stopped", { seed: 99 }), STEPS);
  const name = "checkpoint-000005.safetensors";
  check("a reloaded page goes on from where it was, bit for bit", resumed.digest === expected.digest && resumed.from === name, resumed); // prettier-ignore
  check("the last two are kept", resumed.names.length === 2 && resumed.names[1] === "checkpoint-000014.safetensors", resumed); // prettier-ignore

  // The page goes away while it trains and while it writes: nobody waits for the saves.
  const reached = [];
  while (reached.length < 20 && reached.at(-1) !== STEPS) {
    await page.evaluate(
      ([steps, seed]) => {
        const afterStep = () => new Promise((resolve) => setTimeout(resolve, 20));
        void window.trainTo(steps, "torn", { seed, wait: false, afterStep });
      },
      [STEPS, reached.length === 0 ? 1 : 99],
    );
    await page.waitForTimeout(Math.random() * 200);
    await open(page);
    const latest = await page.evaluate(async () => (await (await window.io.openCheckpoints("torn")).read())?.name);
    reached.push(Number(latest?.slice(11, 17) ?? 0));
    if (latest === undefined) reached.length = 0; // nothing is stored yet: it starts anew
  }
  const torn = await page.evaluate((steps) => window.trainTo(steps, "torn", { seed: 7 }), STEPS);
  check(`so does one that was reloaded again and again, at steps ${reached.join(", ")}`, torn.digest === expected.digest && reached.length > 1, torn); // prettier-ignore

  const damaged = await page.evaluate(async () => {
    const database = await new Promise((resolve) => {
      const request = indexedDB.open("stopped");
      request.onsuccess = () => resolve(request.result);
    });
    const transaction = database.transaction("checkpoints", "readwrite");
    transaction.objectStore("checkpoints").put(new Uint8Array(100), "checkpoint-000014.safetensors");
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
    const checkpoints = await window.io.openCheckpoints("stopped");
    const error = await checkpoints.read().catch((thrown) => thrown);
    const fallback = await checkpoints.read({ fallback: true });
    return { error: error.name, fallback: fallback.name, skipped: fallback.skipped.length };
  });
  check("a damaged record is a FormatError, and the one before it is used if asked", damaged.error === "FormatError" && damaged.fallback === "checkpoint-000013.safetensors" && damaged.skipped === 1, damaged); // prettier-ignore
}

// What the browser does when its disk is full: the transaction is aborted after the bytes have been handed over.
async function checkAbort(page) {
  const got = await page.evaluate(async () => {
    const model = new window.core.Sequential(new window.core.Linear(100, 30));
    const checkpoints = await window.io.openCheckpoints("full", { keep: 1 });
    await checkpoints.save({ model, history: ["first"] });
    const { add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.add = function (...args) {
      IDBObjectStore.prototype.add = add;
      const request = add.apply(this, args);
      request.onsuccess = () => this.transaction.abort();
      return request;
    };
    const error = await checkpoints.save({ model, history: ["second"] }).catch((thrown) => thrown);
    const latest = await checkpoints.read();
    const next = await checkpoints.save({ model, history: ["third"] });
    const names = (await checkpoints.list()).map(({ name }) => name);
    return { name: error.name, message: error.message, latest: latest?.checkpoint.history, next, names };
  });
  const message =
    /^Checkpoints: expected to write \d+ bytes as checkpoint-000002.safetensors to the database "full", got /;
  check("an aborted write is a FileError, and the checkpoint before it stays", got.name === "FileError" && message.test(got.message) && got.latest[0] === "first", got); // prettier-ignore
  check("the next save succeeds, under the number that is still free", got.next === "checkpoint-000002.safetensors" && got.names.length === 1, got); // prettier-ignore
}

if (executablePath === undefined) {
  console.log("no Chromium is installed here (Debian: apt-get install chromium)");
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "handgrad-browser-"));
const expected = await trainTo(STEPS, folder, { core, data, io });
rmSync(folder, { recursive: true });
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args: [...flags, "--disable-sync", "--no-first-run"] });
try {
  console.log(`Chromium ${browser.version()}`);
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await checkPage(page, expected);
  await checkAbort(page);
  check("no error on the page", errors.length === 0, errors);
} finally {
  await browser.close();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
