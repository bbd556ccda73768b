// Threads of the built package in Node: the same bits for 1 to 4 threads, again and again, also when calls of setThreads
// overlap; a process with threads ends by itself. Run after a build; the last line is "N passed, N failed".
//   node test/package/threads.mjs [--sequences 60] [--seed 1]    sequences of overlapping calls
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as core from "handgrad";
import * as threads from "handgrad/threads";
import { train } from "../repro/train.mjs";
import { callInBetween, deathAtWork, faultByFault, overlappingCalls } from "./overlapping.mjs";

const { values: given } = parseArgs({
  options: { sequences: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});

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
  for (let round = 0; round < 4; round++) {
    await threads.setThreads(1); // so that each round has threads of its own
    got.push((await train({ threads: count, epochs: 1 })).digest);
  }
  check(
    `${count} threads give the bits of one, four times`,
    got.every((digest) => digest === expected),
    { got, expected },
  );
}

// Normalizations: the parts of a channel or group are summed in one order, whoever does it. Their kernels are in the second
// module, which the threads get when the first of them is called: here, while they are at work.
const norms = () => {
  const results = [];
  for (const [shape, groups] of [
    [[9, 8, 1000], 0],
    [[9, 12, 700], 3],
    [[300, 70], 0],
    [[60, 512], 1],
  ]) {
    const [, C] = shape;
    const norm = groups === 0 ? new core.BatchNorm1d(C) : new core.GroupNorm(groups, C);
    norm.weight.value = core.randn([C], { seed: 3 });
    const y = norm.forward(core.randn(shape, { seed: 1 }));
    const dx = norm.backward(core.randn(shape, { seed: 2 }));
    const all = [y, dx, norm.weight.grad, norm.bias.grad, ...Object.values(norm.stateDict())];
    for (const { data } of all) results.push(Buffer.from(data.slice().buffer).toString("base64"));
  }
  return results.join();
};
await threads.setThreads(4);
const joined = norms();
await threads.setThreads(1);
const alone = norms();
check(
  "threads that get the second module in the middle of their work give the bits of one",
  joined === alone,
  "other bits",
);
for (const count of [2, 3, 4]) {
  await threads.setThreads(count);
  const same = norms() === alone && norms() === alone;
  check(`${count} threads give the bits of one in normalizations`, same, "other bits");
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

// Two components that start threads at the same time, and an effect that runs twice.
const before = performance.now();
const [first, second] = [threads.setThreads(2), threads.setThreads(3)];
const both = [await first, await second, core.backendInfo().threads];
check("of two overlapping calls the later one counts, for both, soon", both.join() === "3,3,3", both);
check("and it does not take long", performance.now() - before < 15_000, performance.now() - before);
const same = await Promise.all([threads.setThreads(2), threads.setThreads(2), threads.setThreads(2)]);
check("three calls for the same number have it", same.join() === "2,2,2", same);
const outcomes = await Promise.allSettled([threads.setThreads(3), threads.setThreads(0)]);
check(
  "a refused number changes nothing",
  outcomes[0].value === 3 && outcomes[1].reason?.name === "ArgumentError" && core.backendInfo().threads === 3,
  outcomes,
);
const WHY = {
  refused: /refused/,
  broken: /broken/,
  gone: /ended with code 3/,
  foreign: /no thread of this build/,
  old: /no thread of this build/,
  silent: /no answer in time/,
};
for (const { fault, threads: got, reason, left } of await faultByFault()) {
  const holds = got === 1 && left === 0 && reason.includes("one thread: no other starts") && WHY[fault].test(reason);
  check(`a worker that is ${fault} is not counted, and backendInfo says why`, holds, { got, reason, left });
}
const dead = await deathAtWork();
check(
  "a thread that dies at its work is a BackendError, and from then on one thread works",
  dead.error?.name === "BackendError" &&
    /expected all threads to finish/.test(dead.error.message) &&
    /one thread: a thread died in the middle/.test(dead.reason) &&
    dead.same &&
    dead.left === 0,
  { ...dead, error: String(dead.error) },
);
for (const wanted of [2, 4]) {
  const between = await callInBetween(wanted);
  check(`a call as the first of ${wanted} gets ready is the later one`, between.join() === "1,1,1,0", between);
}
const count = Number(given.sequences);
const found = await overlappingCalls({ count, seed: Number(given.seed) });
check(`${count} random sequences of overlapping calls end as the last call says`, found.length === 0, found);

const run = (source) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", source], {
    cwd: root,
    encoding: "utf8",
    timeout: 30000,
  });
const ended = run(`
  import { setThreads } from "handgrad/threads";
  import { relu, randn } from "handgrad";
  console.log(await setThreads(3));
  relu(randn([100000]));
  console.log("last line");
`);
check("threads do not keep a process alive", ended === "3\nlast line\n", ended);
const refused = run(`
  import { setThreads } from "handgrad/threads";
  for (const bad of [0, 1.5, 65, "2"]) await setThreads(bad).catch((error) => console.log(error.name));
`);
check("a bad number of threads is an ArgumentError", refused === "ArgumentError\n".repeat(4), refused);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
