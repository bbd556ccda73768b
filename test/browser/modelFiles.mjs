// Model files in headless Chromium, by fetch and from IndexedDB, on a cross-origin isolated page and on one that is not.
// `npm run test:browser` after a build; the last line is "N passed, N failed". Serves on 127.0.0.1 only.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { predictPixels, smallModel } from "../package/modelFile.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json" };
const PAGE = `<!doctype html><meta charset="utf-8"><title>handgrad</title><script type="module">
  import * as io from "/dist/io.js";
  import { predictPixels, predictStored } from "/test/package/modelFile.mjs";
  window.predictFetched = async () => {
    const bytes = await (await fetch("/model.safetensors")).arrayBuffer();
    return predictPixels({ io }, bytes, canvasPixels());
  };
  window.predictStored = async () => {
    const bytes = await (await fetch("/model.safetensors")).arrayBuffer();
    return predictStored({ io }, bytes, canvasPixels());
  };
  function canvasPixels() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [8, 8];
    const context = canvas.getContext("2d");
    for (let i = 0; i < 64; i++) {
      context.fillStyle = \`rgb(\${(37 * i) % 256}, \${(91 * i) % 256}, \${(53 * i) % 256})\`;
      context.fillRect(i % 8, i >> 3, 1, 1);
    }
    return context.getImageData(0, 0, 8, 8);
  }
</script>`;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://127.0.0.1");
  const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const policy = { "Content-Security-Policy": "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'" };
  if (pathname === "/isolated" || pathname === "/plain") {
    response.writeHead(200, { "Content-Type": "text/html", ...policy, ...(pathname === "/isolated" ? isolated : {}) });
    response.end(PAGE);
    return;
  }
  if (pathname === "/model.safetensors") {
    response.writeHead(200, { "Content-Type": "application/octet-stream", ...isolated });
    response.end(modelFile);
    return;
  }
  const path = join(root, normalize(pathname));
  if (!/^\/(dist|test\/package)\//.test(pathname) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain", ...isolated });
  createReadStream(path).pipe(response);
});

let passed = 0;
let failed = 0;
function check(title, holds, got) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

if (executablePath === undefined) {
  console.log("no Chromium is installed here (Debian: apt-get install chromium)");
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const core = await import("handgrad");
const io = await import("handgrad/io");
const modelFile = smallModel({ core, io });
const pixels = Uint8ClampedArray.from({ length: 256 }, (_, i) =>
  i % 4 === 3 ? 255 : ([37, 91, 53][i % 4] * (i >> 2)) % 256,
);
const predicted = predictPixels({ io }, modelFile, { data: pixels, width: 8, height: 8 });
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args: [...flags, "--disable-sync", "--no-first-run"] });
try {
  console.log(`Chromium ${browser.version()}`);
  for (const kind of ["isolated", "plain"]) {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`http://127.0.0.1:${port}/${kind}`);
    await page.waitForFunction("window.predictStored !== undefined", undefined, { timeout: 30000 });
    for (const source of ["predictFetched", "predictStored"]) {
      const got = await page.evaluate((name) => window[name](), source);
      check(`${kind} page: ${source} gives the bits of Node`, JSON.stringify(got) === JSON.stringify(predicted), {
        got,
        predicted,
      });
    }
    check(`${kind} page: no error on the page`, errors.length === 0, errors);
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
