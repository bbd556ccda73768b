// How long an HTTP server takes to answer: idle, beside a training in a worker (trainInWorker), and beside one in its own thread (fit). The
// client is a process of its own. `npm run bench:server [-- --seconds 10 --threads 1]`, after a build, on a quiet machine with two cores or
// more; what it prints is described in docs/performance.md.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Adam, manualSeed } from "handgrad";
import { batches } from "handgrad/data";
import { fit } from "handgrad/train";
import { trainInWorker } from "handgrad/worker";
import { lessonFour, digits } from "./lessonFour.js";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "10" }, threads: { type: "string", default: "1" } },
});
const seconds = Number(values.seconds);

// Asks once every 5 ms, so that an answer that is late does not put off the next question.
const CLIENT = `
const { request, Agent } = require("node:http");
const agent = new Agent({ keepAlive: true });
const times = [];
let open = 0;
const ask = () => {
  const began = performance.now();
  open++;
  request({ port: +process.argv[1], host: "127.0.0.1", agent }, (response) => {
    response.resume().on("end", () => (times.push(performance.now() - began), open--));
  }).end();
};
const timer = setInterval(ask, 5);
setTimeout(() => {
  clearInterval(timer);
  const done = () => (open > 0 ? setTimeout(done, 20) : (console.log(JSON.stringify(times)), process.exit()));
  done();
}, 1000 * process.argv[2]);
`;

async function latencies(port: number): Promise<number[]> {
  const client = spawn(process.execPath, ["-e", CLIENT, String(port), String(seconds)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const part of client.stdout) text += String(part);
  return (JSON.parse(text) as number[]).sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): string =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(2).padStart(8);

function report(name: string, times: readonly number[], samples: number): void {
  const rate = samples === 0 ? "" : `${Math.round(samples / seconds)} samples/s`;
  console.log(
    `${name.padEnd(28)} ${at(times, 0.5)} ${at(times, 0.99)} ${at(times, 1)}   ${times.length} answers  ${rate}`,
  );
}

const server = createServer((_, response) => response.end('{"ok":true}'));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as { port: number };
const { x, y } = digits(4096);

console.log("milliseconds                   median      99 %   longest");
await latencies(port); // the first answers of a process are slower
report("idle", await latencies(port), 0);
for (const [name, train] of [
  ["training in a worker", trainInWorker],
  ["fit in the server's thread", fit],
] as const) {
  manualSeed(1);
  const model = lessonFour();
  const data = batches(x, y, { size: 64, shuffle: true });
  const options = { optimizer: new Adam(model.parameters(), { lr: 1e-3 }), epochs: 1000 };
  const training =
    train === fit
      ? fit(model, data, options)
      : trainInWorker(model, data, { ...options, threads: Number(values.threads) });
  while (training.steps < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  const before = training.steps;
  const times = await latencies(port);
  report(name, times, 64 * (training.steps - before));
  training.stop();
  await training;
}
server.close();
