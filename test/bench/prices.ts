// What a choice of the user's costs, as ratios from one process: direct sums over the automatic choice, a model whose every
// array somebody holds over one that nobody reads, and the plain backend over the default one. All in alternation, the shortest call of each.
//   npm run bench:prices [-- --seconds 3]
import { parseArgs } from "node:util";
import { setBackend, setConvAlgorithm, wasm, type Backend } from "handgrad";
import { plain } from "handgrad/plain";
import { MODEL_NAMES, makeCall } from "./models.js";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "3" } } });
const seconds = Number(values.seconds);

/** The shortest call of b over that of a. */
function ratio(a: () => void, b: () => void): string {
  const best = [Infinity, Infinity];
  for (let i = 0; i < 5; i++) [a, b].forEach((call) => call());
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    [a, b].forEach((call, i) => {
      const start = performance.now();
      call();
      best[i] = Math.min(best[i], performance.now() - start);
    });
  }
  return (best[1] / best[0]).toFixed(2);
}

for (const name of MODEL_NAMES) {
  for (const mode of ["train", "predict"] as const) {
    const { call } = makeCall(name, 32, mode);
    const by = (algorithm: "auto" | "direct") => (): void => {
      setConvAlgorithm(algorithm);
      call();
    };
    console.log(`direct over automatic, ${name}, batch 32, ${mode}: ${ratio(by("auto"), by("direct"))}`);
    setConvAlgorithm("auto");
  }
}

for (const name of ["seed3", "vggblock"] as const) {
  for (const [mode, batch] of [
    ["train", 16],
    ["predict", 1],
  ] as const) {
    const free = makeCall(name, batch, mode);
    const held = makeCall(name, batch, mode);
    free.call();
    held.call();
    const arrays = held.model.parameters().flatMap((parameter) => [parameter.value.data, parameter.grad.data]);
    const got = ratio(free.call, held.call);
    console.log(`every array held (${arrays.length}) over none, ${name}, batch ${batch}, ${mode}: ${got}`);
  }
}

for (const name of ["seed3", "seed0"] as const) {
  for (const [mode, batch] of [
    ["train", 16],
    ["predict", 1],
  ] as const) {
    const by = (backend: Backend): (() => void) => {
      const { call } = makeCall(name, batch, mode);
      return () => {
        setBackend(backend);
        call();
      };
    };
    console.log(`plain over default backend, ${name}, batch ${batch}, ${mode}: ${ratio(by(wasm), by(plain))}`);
    setBackend(wasm);
  }
}
