// The built package in headless Chromium: on a cross-origin isolated page with threads, and on one that is not, with one.
// The bits must be those of test/repro/expected.json. `npm run test:browser` after a build; the last line is "N passed,
// N failed".
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { differences, readExpected } from "../repro/compare.mjs";
import { serve } from "../repro/server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

let passed = 0;
let failed = 0;
function check(title, holds, got) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

// Two components that start threads at the same time, and an effect that runs twice.
async function overlapping(page) {
  const got = await page.evaluate(async () => {
    const { setThreads } = await import("/dist/threads.js");
    const { backendInfo } = await import("/dist/index.js");
    const started = performance.now();
    const all = await Promise.all([setThreads(2), setThreads(3), setThreads(3)]);
    return { all: all.join(), inForce: backendInfo().threads, soon: performance.now() - started < 5000 };
  });
  check(
    "isolated page: of overlapping calls the latest counts",
    got.all === "3,3,3" && got.inForce === 3 && got.soon,
    got,
  );
  const left = page.workers().length;
  check("isolated page: no worker is left over", left === 2, left);
  await page.evaluate(async () => (await import("/dist/threads.js")).setThreads(1));
  for (let i = 0; i < 50 && page.workers().length > 0; i++) await page.waitForTimeout(20);
  check("isolated page: one thread has no workers", page.workers().length === 0, page.workers().length);
}

// Lesson 4's network under script-src 'self': the error's advice holds, and what the plain backend trains and predicts there are
// Node's bits. The first call is the one that fails, so the model has met the default backend already.
const trainPlainly = async ([coreUrl, plainUrl]) => {
  const core = await import(coreUrl);
  const { Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Linear, Dropout, CrossEntropy, Adam } = core;
  core.manualSeed(4);
  const pool = { stride: 2, padding: 1 };
  const model = new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, pool)],
    ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, pool)],
    ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
  );
  const x = core.rand([8, 1, 28, 28], { seed: 1 });
  for (let n = 0; n < 8; n++) x.data.fill(2, n * 784 + n * 84, n * 784 + n * 84 + 140); // a bar at another height for each class
  let refused = "";
  try {
    model.predict(x);
  } catch (error) {
    refused = `${error.name}: ${error.message}`;
  }
  const before = core.setBackend((await import(plainUrl)).plain);
  try {
    const loss = new CrossEntropy();
    const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
    const losses = [];
    for (let step = 0; step < 12; step++) {
      losses.push(loss.forward(model.forward(x), [0, 1, 2, 3, 4, 5, 6, 7]));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    return { refused, losses, logits: [...model.predict(x).data], backend: core.backendInfo().name };
  } finally {
    core.setBackend(before);
  }
};

async function plainBackend(page) {
  await page.goto(`${server.origin}/strict`);
  const inNode = await trainPlainly(["../../dist/index.js", "../../dist/plain.js"]);
  const got = await page.evaluate(trainPlainly, ["/dist/index.js", "/dist/plain.js"]);
  const advice = `setBackend(plain) from "handgrad/plain" computes without, slowly`;
  check("page under script-src 'self': the error names the plain backend", got.refused.includes(advice), got.refused);
  check(
    "page under script-src 'self': the plain backend trains lesson 4's network, and the loss falls",
    inNode.refused === "" && got.backend === "plain" && got.losses[11] < got.losses[0] / 2,
    got.losses,
  );
  check(
    "page under script-src 'self': losses and logits are Node's, bit for bit",
    got.losses.join() === inNode.losses.join() && got.logits.join() === inNode.logits.join(),
    got,
  );
}

// What the error says is true: no WebAssembly. The reference does not help, because ndarray needs 'unsafe-eval'.
async function withoutWebAssembly(page) {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "handgrad"; export * from "handgrad/reference";`, resolveDir: root },
    ...{ bundle: true, format: "esm", platform: "browser", write: false, logLevel: "error" },
  });
  await page.route("**/bundle.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: outputFiles[0].text }),
  );
  await page.goto(`${server.origin}/strict`);
  const got = await page.evaluate(async () => {
    const attempt = (work) => {
      try {
        return work();
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
    let handgrad;
    try {
      handgrad = await import("/bundle.js"); // ndarray-ops builds functions at import
    } catch (error) {
      const core = await import("/dist/index.js");
      return { core: attempt(() => core.relu(core.ones([3]))), reference: error.name };
    }
    const { relu, ones, setBackend, reference } = handgrad;
    const core = attempt(() => relu(ones([3])));
    setBackend(reference);
    return { core, reference: attempt(() => relu(ones([3]))) };
  });
  const advice =
    "Add 'wasm-unsafe-eval' to the page's script-src directive (it allows WebAssembly alone, no eval; setBackend(plain)";
  check(
    "page under script-src 'self': a BackendError with the remedy",
    got.core.startsWith("BackendError: wasm: expected WebAssembly to be allowed") && got.core.includes(advice),
    got,
  );
  check("page under script-src 'self': the reference throws an EvalError", got.reference.startsWith("EvalError"), got);
}

// docs/recipes/csp.md: the page stays strict, and a worker with a policy of its own computes.
async function workerWithItsOwnPolicy(page) {
  const from = (address) =>
    page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const worker = new Worker(url, { type: "module" });
          worker.onmessage = ({ data }) => resolve(data.join());
          worker.onerror = (event) => resolve(event.message);
        }),
      address,
    );
  const got = { own: await from("/worker.js"), strict: await from("/strict-worker.js") };
  check(
    "page under script-src 'self': a worker whose script may compile WebAssembly computes",
    got.own === "1,1,1",
    got,
  );
  check(
    "page under script-src 'self': a worker with the same policy does not",
    /wasm-unsafe-eval/.test(got.strict),
    got,
  );
}

// Augmented batches without and with workers, in a page as in Node; in the page also an image by createImageBitmap.
const useData = async ([coreUrl, dataUrl]) => {
  const [{ rand }, data] = await Promise.all([import(coreUrl), import(dataUrl)]);
  const transform = [
    data.randomCrop(8, { padding: 2, paddingMode: "reflect" }),
    data.randomAffine({ degrees: 20, interpolation: "bilinear" }),
    data.elasticTransform({ alpha: 10, sigma: 2 }),
  ];
  const labels = Array.from({ length: 20 }, (_, i) => i);
  const dataset = new data.TensorDataset(rand([20, 2, 8, 8], { seed: 1 }), labels);
  const batches = [];
  for (const numWorkers of [0, 2]) {
    const loader = new data.DataLoader(dataset, { batchSize: 6, shuffle: true, seed: 1, transform, numWorkers });
    const got = [];
    for await (const [x, y] of loader) got.push(...x.data, ...y);
    batches.push(got.join());
  }
  if (typeof OffscreenCanvas === "undefined") return { batches };
  const canvas = new OffscreenCanvas(2, 1);
  const context = canvas.getContext("2d");
  for (const [x, color] of ["rgb(255, 51, 0)", "rgb(0, 102, 255)"].entries()) {
    context.fillStyle = color;
    context.fillRect(x, 0, 1, 1);
  }
  const image = await data.decodeImage(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
  let refused = "";
  await data.decodeImage(new Uint8Array(9)).catch((error) => (refused = error.name));
  return { batches, pixels: Array.from(image.data, (value) => Math.round(value * 255)).join(), refused };
};

async function dataSets(page, kind) {
  const inNode = await useData(["../../dist/index.js", "../../dist/data.js"]);
  const got = await page.evaluate(useData, ["/dist/index.js", "/dist/data.js"]);
  const [same, withWorkers] = got.batches.map((text) => text === inNode.batches[0]);
  check(`${kind} page: batches and augmentation are Node's, bit for bit`, same, got.batches[0].slice(0, 90));
  check(`${kind} page: data workers give the same bits`, withWorkers, got.batches[1].slice(0, 90));
  const { pixels, refused } = got;
  check(`${kind} page: images are decoded`, pixels === "255,0,51,102,0,255" && refused === "FormatError", [
    pixels,
    refused,
  ]);
  for (let i = 0; i < 50 && page.workers().length > 0; i++) await page.waitForTimeout(20);
  check(`${kind} page: no data worker is left over`, page.workers().length === 0, page.workers().length);
}

// The same run by fit and in a worker, with what the page sees of it.
const trainBoth = async (threads) => {
  const [core, data, train, worker] = await Promise.all(
    ["index", "data", "train", "trainInWorker"].map((name) => import(`/dist/${name}.js`)),
  );
  const runOf = async (run, options) => {
    core.manualSeed(3);
    const model = new core.Sequential(
      ...[new core.Conv2d(1, 8, 3), new core.ReLU(), new core.MaxPool2d(2), new core.Flatten()],
      ...[new core.Dropout(0.2), new core.Linear(8 * 13 * 13, 10)],
    );
    const labels = Array.from({ length: 640 }, (_, i) => i % 10);
    const batches = data.batches(core.rand([640, 1, 28, 28]), labels, { size: 32, shuffle: true });
    const optimizer = new core.Adam(model.parameters(), { lr: 0.01 });
    const training = run(model, batches, { optimizer, epochs: 3, ...options });
    const { history } = await training;
    const weights = model.parameters().map(({ value }) => Array.from(value.data));
    return [JSON.stringify([history.batches, weights]), training.backend?.threads];
  };
  let timers = 0;
  const timer = setInterval(() => timers++, 20);
  const [here] = await runOf(train.fit, {});
  clearInterval(timer);
  let told = 0;
  let frames = 0;
  const count = () => (frames++, requestAnimationFrame(count));
  requestAnimationFrame(count);
  let [there, inForce, ended] = ["", 0, ""];
  try {
    [there, inForce] = await runOf(worker.trainInWorker, { threads, callbacks: [{ onBatchEnd: () => told++ }] });
    const controller = new AbortController();
    const model = new core.Sequential(new core.Flatten(), new core.Linear(784, 10));
    const set = data.batches(core.rand([64, 1, 28, 28]), new Int32Array(64), { size: 1 });
    const options = { optimizer: { type: "SGD", lr: 0.01 }, epochs: 100000, signal: controller.signal };
    const long = worker.trainInWorker(model, set, options);
    for await (const { steps } of long) if (steps > 10) controller.abort(new Error("enough"));
  } catch (error) {
    ended = `${error.name}: ${error.message}`;
  }
  return { same: here === there, threads: inForce, told, frames: frames > 0, ended, timers };
};

async function trainingWorkers(page) {
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${server.origin}/workers`);
  const got = await page.evaluate(trainBoth, 2);
  check("page with worker-src 'self': training in a worker has fit's bits", got.same, got);
  check("page with worker-src 'self': timers run while fit trains on the main thread", got.timers > 0, got);
  check("page with worker-src 'self': it has two threads there", got.threads === 2, got);
  check("page with worker-src 'self': callbacks are called, and frames drawn", got.told === 60 && got.frames, got);
  check("page with worker-src 'self': an abort ends a run with its reason", got.ended === "Error: enough", got);
  // One that was ended may stay in the browser's list for a while: only those that answer are there.
  const alive = async (worker) => {
    const answer = worker.evaluate(() => true).catch(() => false);
    return Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 3000, false))]);
  };
  for (let i = 0; i < 100 && page.workers().length > 0; i++) await page.waitForTimeout(20);
  const answers = await Promise.all(page.workers().map(alive));
  check("page with worker-src 'self': no worker is left over", !answers.includes(true), answers);
  check("page with worker-src 'self': no error on the page", errors.length === 0, errors);
  await page.goto(`${server.origin}/no-workers`);
  const { ended } = await page.evaluate(trainBoth, 1);
  check(
    "page with worker-src 'none': a BackendError that says to use fit, which trains",
    /^BackendError: trainInWorker: expected a worker, got .*worker-src 'self' or blob:.*fit of handgrad\/train/.test(
      ended,
    ),
    ended,
  );
}

if (executablePath === undefined) {
  console.log("no Chromium is installed here (Debian: apt-get install chromium)");
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const expected = readExpected();
const server = await serve();
const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args: [...flags, "--disable-sync", "--no-first-run"] });
try {
  console.log(`Chromium ${browser.version()}`);
  for (const [kind, counts] of [
    ["isolated", [1, 2, 3, 4]],
    ["plain", [1, 2]],
  ]) {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(`${server.origin}/${kind}?run=check&threads=${counts.join(",")}`);
    await page.waitForFunction((n) => window.results?.length >= n, counts.length, { timeout: 60000 });
    const results = await page.evaluate(() => window.results);
    for (const [i, count] of counts.entries()) {
      const got = results[i];
      const want = kind === "isolated" ? count : 1;
      const problems = differences(got, expected);
      check(
        `${kind} page, ${count} threads asked for: the bits are the expected ones`,
        problems.length === 0,
        problems,
      );
      check(`${kind} page, ${count} threads asked for: ${want} run`, got.threads === want, got.threads);
    }
    const last = results[counts.length - 1];
    check(`${kind} page: it is what it is called`, last.isolated === (kind === "isolated"), last.isolated);
    const why = kind === "isolated" ? /4 threads/ : /cannot be shared/;
    check(`${kind} page: backendInfo says why`, why.test(last.reason), last.reason);
    if (kind === "isolated") await overlapping(page);
    if (kind === "plain") await page.evaluate(async () => (await import("/dist/threads.js")).setThreads(1));
    await dataSets(page, kind);
    check(`${kind} page: no error on the page`, errors.length === 0, errors);
    await page.close();
  }
  const page = await browser.newPage();
  await withoutWebAssembly(page);
  await plainBackend(page);
  await workerWithItsOwnPolicy(page);
  await trainingWorkers(page);
  await page.close();
} finally {
  await browser.close();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
