// Shows built apps to a browser, one after the other: each page sends what came of it and gets the address of the next.
// Everything is on 127.0.0.1; ends only what it started.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { start } from "../repro/execute.mjs";

export const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html" };
const LIMIT_MS = 60_000; // for one page

/**
 * Serves folders: `/KEY/POLICY/...` is a file of `folders[KEY]`, with the headers that `policies[POLICY]` gives for it. A page's
 * answer goes to `/tell`, and what it gets back is the address of the next one.
 */
export async function servePages(folders, policies) {
  const state = { foreign: 0, onTell: () => "about:blank" };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    if (pathname === "/foreign-worker-started") {
      state.foreign++;
      response.writeHead(204, ISOLATED).end();
    } else if (pathname === "/tell") {
      let body = "";
      request.on("data", (text) => (body += text));
      request.on("end", () => {
        response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end(state.onTell(JSON.parse(body)));
      });
    } else sendFile(response, pathname);
  });
  function sendFile(response, pathname) {
    const [, key, policy, ...rest] = pathname.split("/");
    const path = join(folders[key] ?? "/nowhere", normalize(rest.join("/") || "index.html"));
    if (!existsSync(path) || !(policy in policies)) response.writeHead(404, ISOLATED).end();
    else {
      const isPage = extname(path) === ".html";
      const extra = policies[policy](isPage);
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, ...extra }).end(readFileSync(path));
    }
  }
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { state, origin, close };
}

/** Opens every address of `urls` in one browser; the answers in their order, { error } for those that did not come. */
export async function visit(runtime, command, served, urls) {
  const home = mkdtempSync(join(tmpdir(), "handgrad-pages-"));
  const addresses = urls.map((url) => `${url}?tell=${encodeURIComponent(`${served.origin}/tell`)}`);
  const results = [];
  try {
    while (results.length < urls.length) {
      const profile = join(home, `profile-${results.length}`);
      const args = runtime.openArgs(profile, addresses[results.length], runtime.settings);
      const { child, end } = start(runtime, command, args, home);
      const closed = new Promise((resolve) => child.on("close", resolve));
      child.stderr.resume();
      child.stdout.resume();
      await new Promise((resolve) => {
        let limit;
        const late = () => {
          results.push({ error: `no answer after ${LIMIT_MS / 1000} s` });
          resolve(); // the next ones get a browser of their own
        };
        const wait = () => {
          clearTimeout(limit);
          limit = setTimeout(late, LIMIT_MS);
        };
        wait();
        served.state.onTell = (result) => {
          results.push(result);
          if (results.length < urls.length) wait();
          else {
            clearTimeout(limit);
            setTimeout(resolve, 100); // the answer to the page goes out first
          }
          return addresses[results.length] ?? "about:blank";
        };
      });
      end();
      await closed;
    }
    return results;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
