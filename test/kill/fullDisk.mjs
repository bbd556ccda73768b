// A disk that fills up during a save: a small tmpfs, which takes the rights to mount (root, or a user namespace; else the check
// is left out and says so). The save is an error, the checkpoints before it stay whole, nothing half is left behind.
// The last line is "N passed, N failed".
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Adam, FileError, Linear, Sequential, manualSeed } from "handgrad";
import { decodeCheckpoint, openCheckpoints } from "handgrad/io";

let passed = 0;
let failed = 0;
function check(title, holds, got = "") {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

async function checkFullDisk(folder) {
  manualSeed(1);
  const model = new Sequential(new Linear(100, 200)); // 80 kB of weights
  const run = { model, optimizer: new Adam(model.parameters()) };
  const checkpoints = await openCheckpoints(folder, { keep: Infinity });
  let saved = 0;
  let error;
  while (error === undefined && saved < 100) {
    try {
      checkpoints.saveSync({ ...run, history: [saved] });
      saved++;
    } catch (thrown) {
      error = thrown;
    }
  }
  console.log(`${saved} saves fit, then: ${error?.message}`);
  const wanted = /^Checkpoints: expected to write \d+ bytes to .*, got ENOSPC: .* \(free some space; .* are whole\)\.$/;
  check(
    "the error is a FileError about ENOSPC",
    error instanceof FileError && error.cause.code === "ENOSPC",
    error?.name,
  );
  check("its message says what happened and what to do", wanted.test(error?.message), error?.message);
  const names = readdirSync(folder);
  check(
    "only whole checkpoints are there",
    names.length === saved && !names.some((name) => name.endsWith(".tmp")),
    names,
  );
  for (const name of names) decodeCheckpoint(new Uint8Array(readFileSync(join(folder, name))));
  const latest = await checkpoints.restore(run);
  check("the one before it loads", latest?.history[0] === saved - 1, latest?.history);
  rmSync(join(folder, names.sort()[0]));
  const name = checkpoints.saveSync({ ...run, history: [saved] });
  check("with space freed the next save succeeds", (await checkpoints.restore(run))?.name === name, name);
}

const folder = mkdtempSync(join(tmpdir(), "handgrad-full-"));
let mounted = false;
let missing = "";
try {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: ["ignore", "ignore", "pipe"] });
  mounted = true;
} catch (error) {
  missing = String(error.stderr ?? error.message).trim();
}
try {
  if (mounted) await checkFullDisk(folder);
  else if (!process.argv.includes("--inner")) {
    const args = ["--user", "--map-root-user", "--mount", process.execPath, fileURLToPath(import.meta.url), "--inner"];
    const { status, stdout } = spawnSync("unshare", args, { encoding: "utf8" });
    const ran = stdout?.includes(" passed, ");
    console.log(ran ? stdout.trimEnd() : `skipped: full disk, nothing can be mounted here (${missing})`);
    if (!ran) console.log("0 passed, 0 failed");
    process.exitCode = ran ? status : 0;
  } else process.exitCode = 3; // not even in a namespace of its own
} finally {
  if (mounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true, force: true });
}
if (mounted) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
