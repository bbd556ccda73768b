// Threads of the built package in Node: the same bits for 1 to 4 threads, again and again; a process with threads ends by
// itself. Run after a build; the last line is "N passed, N failed".
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as core from "handgrad";
import * as threads from "handgrad/threads";
import { train } from "../repro/train.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
let passed = 0;
let failed = 0;
function check(title, holds, got) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

const expected = (await train({ threads: 1, epochs: 1 })).digest;
for (const count of [2, 3, 4]) {
  const got = [];
  for (let round = 0; round < 4; round++) got.push((await train({ threads: count, epochs: 1 })).digest);
  check(
    `${count} threads give the bits of one, four times`,
    got.every((digest) => digest === expected),
    { got, expected },
  );
}

// Jobs of very different sizes in quick turns: late threads must not touch the next job.
await threads.setThreads(2);
const { add, conv2d, matmul, randn, relu, sum } = core;
const digest = () => {
  let total = 0;
  for (let i = 0; i < 400; i++) {
    const small = matmul(randn([9, 7], { seed: i }), randn([7, 5], { seed: i + 1 }));
    const large = conv2d(randn([3, 8, 12, 12], { seed: i }), randn([9, 8, 3, 3], { seed: i + 2 }), null, {
      padding: 1,
    });
    total += sum(relu(large)).item() + sum(add(small, 1)).item();
  }
  return total;
};
const shared = digest();
await threads.setThreads(1);
check("jobs of different sizes in quick turns give the numbers of one thread", shared === digest(), shared);
check("backendInfo tells the number of threads", core.backendInfo().threads === 1, core.backendInfo());

const run = (source) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", source], {
    cwd: root,
    encoding: "utf8",
    timeout: 30000,
  });
const ended = run(`
  import { setThreads } from "handgrad/threads";
  import { relu, randn } from "handgrad";
  await setThreads(3);
  relu(randn([100000]));
  console.log("last line");
`);
check("threads do not keep a process alive", ended.includes("last line"), ended);
const refused = run(`
  import { setThreads } from "handgrad/threads";
  for (const bad of [0, 1.5, 65, "2"]) await setThreads(bad).catch((error) => console.log(error.name));
`);
check("a bad number of threads is an ArgumentError", refused === "ArgumentError\n".repeat(4), refused);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
