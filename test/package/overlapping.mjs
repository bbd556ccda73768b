// Random sequences of calls of setThreads that overlap, with numbers, refused numbers, workers that do not start, threads that
// die, and training steps between them. Whatever was drawn, the last call decides, the bits stay, and no worker is left over.
// For the built package in Node; threads.mjs runs it.
import { backendInfo, Conv2d, CrossEntropy, Flatten, Linear, manualSeed, randn, ReLU, Sequential, SGD } from "handgrad";
import { setThreads } from "handgrad/threads";

const module = process.getBuiltinModule("node:worker_threads");
const RealWorker = module.Worker;
const realTimeout = globalThis.setTimeout;
const sleep = (ms) => new Promise((resolve) => realTimeout(resolve, ms));

// What goes wrong with a worker: each is a text in place of the kernel thread's, or throws.
const FAULTS = {
  refused: undefined,
  broken: "throw new Error('broken')",
  gone: "process.exit(3)",
  foreign: `const p = process.getBuiltinModule("node:worker_threads").parentPort; p.on("message", () => p.postMessage({ ready: true })); p.postMessage("ready")`,
  old: `process.getBuiltinModule("node:worker_threads").parentPort.postMessage({ handgrad: "0.0.1" })`,
  silent: `process.getBuiltinModule("node:worker_threads").parentPort.on("message", () => {})`,
};

// Takes the first piece of work there is, and does not do it. Places in the control block: see assembly/jobs.ts.
const THIEF = `const p = process.getBuiltinModule("node:worker_threads").parentPort;
p.on("message", ({ memory, control }) => {
  const left = new BigInt64Array(memory.buffer, control + 8, 1);
  p.postMessage({ ready: true });
  for (;;) {
    const claim = Atomics.load(left, 0);
    if ((claim & 0xffffffffn) > 0n && Atomics.compareExchange(left, 0, claim, claim - 1n) === claim) break;
  }
});
p.postMessage({ handgrad: BUILD });`;

function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Two training steps and their bits. */
function train() {
  manualSeed(3);
  const model = new Sequential(new Conv2d(1, 8, 3), new ReLU(), new Flatten(), new Linear(8 * 14 * 14, 3));
  const [loss, optimizer] = [new CrossEntropy(), new SGD(model.parameters(), { lr: 0.1 })];
  const x = randn([8, 1, 16, 16]);
  for (let step = 0; step < 2; step++) {
    loss.forward(model.forward(x), [0, 1, 2, 0, 1, 2, 0, 1]);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
  return JSON.stringify(model.parameters().map(({ value }) => Array.from(value.data)));
}

/**
 * Runs `work` where workers can be made to fail: `stage.faultOf` is asked for the fault of each new one, `stage.live` holds
 * those that live, and `stage.onReady` is called once, in the turn in which a thread says that it is ready. While
 * `stage.impatient`, waiting for a worker that says nothing takes 1.5 s, not 15 s.
 */
async function withStage(work) {
  const stage = { faultOf: () => undefined, live: new Set(), onReady: undefined, impatient: false };
  module.Worker = class extends RealWorker {
    constructor(code, options) {
      const fault = stage.faultOf();
      if (fault === "refused") throw new Error("refused");
      const build = /handgrad:("[^"]+")/.exec(code)[1];
      const text = fault === "thief" ? THIEF.replace("BUILD", build) : FAULTS[fault];
      super(text ?? code, options);
      stage.live.add(this);
      this.once("exit", () => stage.live.delete(this));
      // This listener is the first, so what it queues comes before what the library does in this turn.
      this.on("message", (said) => {
        if (said?.ready !== true || stage.onReady === undefined) return;
        queueMicrotask(stage.onReady);
        stage.onReady = undefined;
      });
    }
  };
  globalThis.setTimeout = (task, ms, ...rest) => realTimeout(task, ms === 250 && stage.impatient ? 25 : ms, ...rest);
  try {
    return await work(stage);
  } finally {
    stage.faultOf = () => undefined;
    await setThreads(1);
    module.Worker = RealWorker;
    globalThis.setTimeout = realTimeout;
  }
}

/** For each fault, what setThreads(2) gave where every worker has it, and the reason; and how many workers are left over. */
export function faultByFault() {
  return withStage(async (stage) => {
    const results = [];
    for (const fault of Object.keys(FAULTS)) {
      stage.faultOf = () => fault;
      stage.impatient = fault === "silent";
      const threads = await setThreads(2);
      await idle(stage, 0);
      results.push({ fault, threads, reason: backendInfo().reason, left: stage.live.size });
    }
    return results;
  });
}

/** A thread that dies with work in its hands: what training throws then, and what it gives afterwards. */
export function deathAtWork() {
  return withStage(async (stage) => {
    const expected = train();
    stage.faultOf = () => "thief";
    await setThreads(2);
    // A clock that runs fast, so that the ten seconds of patience are none.
    const { now } = performance;
    let time = 0;
    performance.now = () => (time += 1000);
    let error;
    try {
      for (const end = Date.now() + 20_000; error === undefined && Date.now() < end;) train();
    } catch (cause) {
      error = cause;
    } finally {
      performance.now = now;
    }
    await idle(stage, 0);
    return { error, reason: backendInfo().reason, same: train() === expected, left: stage.live.size };
  });
}

/**
 * A call between the first thread's word that it is ready and what the call before does then: what both gave, what is in
 * force, and how many workers are left over.
 */
export function callInBetween(count) {
  return withStage(async (stage) => {
    let later;
    stage.onReady = () => (later = setThreads(1));
    const earlier = await setThreads(count);
    await idle(stage, 0);
    return [earlier, await later, backendInfo().threads, stage.live.size];
  });
}

async function idle({ live }, count) {
  for (let i = 0; i < 300 && live.size !== count; i++) await sleep(10);
}

/**
 * Runs `count` sequences drawn from `seed`; the faults found, at most five, as sentences with the sequence's own seed and steps.
 */
export function overlappingCalls({ count, seed = 1 }) {
  return withStage(async (stage) => {
    const found = [];
    const expected = train();
    for (let i = 0; i < count && found.length < 5; i++) {
      const own = seed * 100_003 + i;
      const steps = [];
      const problem = await sequence(mulberry(own), expected, steps, stage);
      if (problem !== undefined) found.push(`sequence ${own}: ${problem} (${steps.join(", ")})`);
    }
    return found;
  });
}

async function sequence(random, expected, steps, stage) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const names = Object.keys(FAULTS).filter((name) => name !== "silent" || random() < 0.03);
  const problems = [];
  const calls = [];
  let latest = 0;
  let pending = 0;
  const call = (count) => {
    steps.push(`setThreads(${count})`);
    const mine = ++latest;
    pending++;
    const settled = setThreads(count).then((threads) => {
      pending--;
      const { threads: inForce } = backendInfo();
      if (mine === latest && threads !== inForce) problems.push(`resolved with ${threads}, ${inForce} in force`);
      return threads;
    });
    calls.push(settled);
    return settled;
  };
  const refuse = async (bad) => {
    const name = await setThreads(bad).then(String, (error) => error.name);
    if (name !== "ArgumentError") problems.push(`setThreads(${bad}) gave ${name}`);
  };
  const kill = async () => {
    await Promise.all(calls);
    const [victim] = stage.live;
    if (victim === undefined || backendInfo().threads === 1) return;
    await victim.terminate();
    await sleep(1);
    const { threads, reason } = backendInfo();
    if (threads !== 1 || !/a thread died/.test(reason)) problems.push(`after a thread died: ${threads}, ${reason}`);
  };
  for (let step = 0; step < 3 + random() * 8; step++) {
    const draw = random();
    if (draw < 0.45) void call(1 + Math.floor(random() * 4));
    else if (draw < 0.5) {
      steps.push("a refused number");
      await refuse(pick([0, 1.5, 65, "2", NaN]));
    } else if (draw < 0.62) {
      const [fault, share] = [pick(names), pick([0.3, 1])];
      steps.push(`${share} of the workers ${fault}`);
      stage.faultOf = () => (random() < share ? fault : undefined);
      stage.impatient = fault === "silent";
    } else if (draw < 0.67) {
      steps.push("all workers good");
      stage.faultOf = () => undefined;
    } else if (draw < 0.72) {
      steps.push("a thread dies");
      await kill();
    } else if (draw < 0.78) {
      const count = 1 + Math.floor(random() * 4);
      steps.push(`setThreads(${count}) as soon as a thread is ready`);
      stage.onReady = () => void call(count);
    } else if (draw < 0.89) {
      steps.push("training");
      if (train() !== expected) problems.push(`other bits with ${backendInfo().threads} threads`);
    } else {
      const wait = pick(["microtask", "turn", 5, 20, 60]);
      steps.push(`wait ${wait}`);
      if (wait === "microtask") await null;
      else if (wait === "turn") await new Promise((resolve) => setImmediate(resolve));
      else await sleep(wait);
    }
  }
  // The last call: among good workers it has what it wants; where none starts it has one thread and the reason.
  const wanted = 1 + Math.floor(random() * 4);
  const fault = random() < 0.25 ? pick(names) : undefined;
  stage.faultOf = () => fault;
  stage.impatient = fault === "silent";
  steps.push(fault === undefined ? "all workers good" : `all workers ${fault}`);
  stage.onReady = undefined;
  // Without this call an earlier one for the same number may be on its way, with other workers, or be in force.
  const restarts = fault !== undefined || random() < 0.5;
  if (restarts) void call(1);
  const certain = restarts || pending === 0;
  const last = call(wanted);
  const results = await Promise.all(calls);
  const { threads, reason } = backendInfo();
  const right = fault === undefined ? wanted : 1;
  if (threads !== right && (certain || threads !== 1)) problems.push(`${threads} threads, not ${right}: ${reason}`);
  if (fault !== undefined && wanted > 1 && !/no other starts here/.test(reason))
    problems.push(`the reason is ${reason}`);
  if ((await last) !== threads) problems.push(`the last call resolved with ${await last}, ${threads} in force`);
  if (results[results.length - 1] !== threads) problems.push(`results ${results.join(" ")}`);
  if (train() !== expected) problems.push(`other bits with ${threads} threads at the end`);
  await idle(stage, threads - 1);
  if (stage.live.size !== threads - 1) problems.push(`${stage.live.size} workers live beside ${threads} threads`);
  stage.faultOf = () => undefined;
  return problems[0];
}
