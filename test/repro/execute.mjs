// Runs the cells of one runtime, in a process or on a page, with a time limit. Ends only processes that it started.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serve } from "./server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const LIMIT_MS = { process: 20 * 60_000, page: 3 * 60_000 }; // emulation is slow, and a hang is a failure

/** The version that a runtime says it has. */
export function versionOf([program, ...args]) {
  const { stdout, stderr, error } = spawnSync(program, [...args, "--version"], { encoding: "utf8", timeout: 60_000 });
  const found = /\d+(\.\d+)+/.exec(stdout ?? "");
  if (found === null)
    throw new Error(
      `it does not start (${
        String(error ?? stderr)
          .trim()
          .split("\n")[0]
      })`,
    );
  return found[0];
}

/**
 * Results of all cells of a runtime, and of the reference backend where it runs; a last one with `error` if it failed.
 * `onResult` gets each as soon as it is there.
 */
export async function execute(runtime, command, counts, onResult = () => {}) {
  const home = mkdtempSync(join(tmpdir(), "handgrad-repro-"));
  const results = [];
  const add = (result) => {
    results.push(result);
    onResult(result);
  };
  try {
    await (runtime.browser === true ? onPage : inProcess)(runtime, command, counts, home, results, add);
    return results;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Starts a runtime in a process group of its own; `end` ends all of it. */
export function start(runtime, command, args, home) {
  const env = { ...process.env, HOME: home, ...runtime.env };
  const child = spawn(command[0], [...command.slice(1), ...args], {
    ...{ cwd: root, env, stdio: ["ignore", "pipe", "pipe"] },
    detached: true, // a process group of its own, so that what a browser starts can be ended with it
  });
  const end = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  };
  return { child, end };
}

function inProcess(runtime, command, counts, home, results, add) {
  return new Promise((resolve) => {
    const wishes = [...(runtime.emulated ? [] : ["reference"]), ...(runtime.wide ? ["wide"] : [])];
    const args = [...(runtime.args ?? []), CHILD, counts.join(","), ...wishes];
    const { child, end } = start(runtime, command, args, home);
    const limit = setTimeout(end, LIMIT_MS.process);
    let errors = "";
    createInterface({ input: child.stdout }).on("line", (line) => line.startsWith("{") && add(JSON.parse(line)));
    child.stderr.on("data", (text) => (errors += text));
    child.on("error", (error) => (errors += String(error)));
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      if (code !== 0) add({ error: `ended with ${code ?? signal}: ${firstLine(errors)}` });
      else if (results.length !== counts.length + (runtime.emulated ? 0 : 1))
        add({ error: `${results.length} results` });
      resolve();
    });
  });
}

async function onPage(runtime, command, counts, home, results, add) {
  let done;
  const finished = new Promise((resolve) => (done = resolve));
  const addAndEnd = (result) => {
    add(result);
    if (results.length === counts.length || result.error !== undefined) done();
  };
  const server = await serve((_, result) => addAndEnd(result));
  const url = `${server.origin}/${runtime.page}?run=${runtime.name}&threads=${counts.join(",")}`;
  const { child, end } = start(runtime, command, runtime.openArgs(join(home, "profile"), url, runtime.settings), home);
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  const closed = new Promise((resolve) => child.on("close", resolve));
  const fail = (what) => results.length < counts.length && addAndEnd({ error: `${what}: ${firstLine(errors)}` });
  child.on("error", (error) => (errors += String(error)));
  void closed.then((code) => fail(`it ended with ${code}`));
  const limit = setTimeout(() => fail(`no answer after ${LIMIT_MS.page / 1000} s`), LIMIT_MS.page);
  await finished;
  clearTimeout(limit);
  end();
  await closed;
  server.close();
}

// The line of an error, if there is one; else the last.
function firstLine(text) {
  const lines = text.trim().split("\n");
  return (lines.find((line) => /error/i.test(line)) ?? lines[lines.length - 1]).trim();
}
