// What is measured: each row one piece of work that handgrad and a peer do.

/** Who does the same work. */
export type Peer = "torch" | "ort" | "ortweb" | "tfjs";

/** `train`: a step of training; `predict`; `epoch`: a whole process that trains on MNIST; `start`: a cold process's first prediction. */
export type Mode = "train" | "predict" | "epoch" | "start";

export interface Work {
  readonly peer: Peer;
  readonly model: string;
  readonly batch: number;
  readonly mode: Mode;
  readonly threads: number;
}

const row = (mode: Mode, peer: Peer, model: string, batch: number, threads = 1): Work => ({
  ...{ peer, model, batch, mode, threads },
});
const train = (model: string, batch: number, threads: number): Work => row("train", "torch", model, batch, threads);

/** All rows; the first ones matter most. */
export const WORK: readonly Work[] = [
  ...[1, 2].flatMap((threads) => ["seed3", "seed2"].flatMap((name) => [32, 128].map((n) => train(name, n, threads)))),
  ...[1, 2].flatMap((threads) => ["seed0", "vggblock"].map((name) => train(name, 32, threads))),
  ...[1, 2].map((threads) => train("resnet18", 64, threads)),
  ...[row("predict", "ort", "vggblock", 32), row("predict", "ort", "seed2", 32)],
  ...[row("predict", "ort", "seed3", 1), row("predict", "ort", "seed2", 1)],
  ...(["tfjs", "ortweb"] as const).flatMap((peer) => ["seed3", "seed2"].map((name) => row("predict", peer, name, 32))),
  row("epoch", "torch", "seed3", 64, 2),
  ...(["tfjs", "ortweb", "ort"] as const).map((peer) => row("start", peer, "seed3", 1)),
  row("train", "torch", "matmul", 1),
];

/** A row's name, by which it is kept. */
export function nameOf({ mode, model, batch, threads, peer }: Work): string {
  const beside = mode === "train" || mode === "epoch" ? "" : ` beside ${peer}`;
  if (model === "matmul") return "matmul 512, 1 thread";
  if (mode === "epoch") return `MNIST epoch, whole process, batch ${batch}, ${threads} threads`;
  if (mode === "start") return `import and first prediction, ${model}${beside}`;
  return `${mode} ${model}, batch ${batch}, ${threads} thread${threads === 1 ? "" : "s"}${beside}`;
}
