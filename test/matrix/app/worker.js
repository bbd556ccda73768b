// A worker of the app's own, under the commonest name. Nobody starts it. If somebody does, it says so, and answers everything
// with what a thread might say.
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node?.parentPort) {
  globalThis.process.getBuiltinModule("node:fs").writeFileSync("foreign-worker-started", "");
  node.parentPort.on("message", () => node.parentPort.postMessage({ ready: true }));
  node.parentPort.postMessage("ready");
} else {
  void fetch("/foreign-worker-started");
  onmessage = () => postMessage({ ready: true });
  postMessage("ready");
}
