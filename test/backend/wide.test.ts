// setWideVectors: where it refuses and what it says, how it sets and resets V8's flags, that nothing moves when kernels are
// exchanged, and that kernels with other bits are not used. V8's own part (wide code has the same bits) is the matrix's:
// `npm run repro -- --runtimes node24-wide,node26-wide`.
import { afterEach, describe, expect, it, vi } from "vitest";
import { backendInfo } from "../../src/backend/select.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import * as glue from "../support/glue.js";
import { setWideVectors } from "../../src/backend/wasm/wide/setWideVectors.js";
import { refusal } from "../../src/backend/wasm/wide/runtime.js";
import { sampleBits } from "../../src/backend/wasm/wide/sampleBits.js";
import { elementwise } from "../../src/backend/wasm/elementwise.js";
import { exchangeModules, instance, moduleBytes } from "../../src/backend/wasm/runtime/instance.js";
import { load } from "../../src/backend/wasm/kit/load.js";
import * as kernels from "../../src/backend/wasm/kernels.generated.js";
import * as kit from "../../src/backend/wasm/kit/kernels.generated.js";
import {
  BatchNorm2d,
  Conv2d,
  CrossEntropy,
  Flatten,
  Linear,
  ReLU,
  SGD,
  Sequential,
  manualSeed,
  randn,
} from "../../src/index.js";

type Process = NonNullable<Parameters<typeof refusal>[0]>;

/** A process as setWideVectors sees it: Node 24 on a processor with AVX2, unless told otherwise. */
function fake(versions: object = {}, { arch = "x64", platform = "linux", flags = "fpu sse4_2 avx avx2" } = {}) {
  const set: string[] = [];
  const modules: Record<string, object> = {
    "node:fs": {
      readFileSync: (path: string) => {
        expect(path).toBe("/proc/cpuinfo");
        return `processor : 0\nflags\t\t: ${flags}\nbugs : none\n`;
      },
    },
    "node:v8": { setFlagsFromString: (text: string) => void set.push(text) },
  };
  const process = {
    versions: { node: "24.5.0", v8: "13.6.1", ...versions },
    ...{ arch, platform, execArgv: [] as string[], env: {} as Record<string, string> },
    getBuiltinModule: (name: string) => modules[name],
  };
  return { set, process: process as unknown as Process & typeof process };
}

afterEach(async () => {
  await setWideVectors(false);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("Wide vectors are refused, with the reason,", () => {
  it.each([
    ["in a browser", undefined, "Node 24 to 26, got a browser"],
    ["in Bun", fake({ bun: "1.4.5" }).process, "Node 24 to 26, got bun 1.4.5"],
    ["in Deno", fake({ deno: "2.9.6" }).process, "Node 24 to 26, got deno 2.9.6"],
    ["in Electron", fake({ electron: "40.1.0" }).process, "Node 24 to 26, got electron 40.1.0"],
    ["in Node 22", fake({ node: "22.23.3" }).process, "Node 24 to 26, got 22.23.3"],
    ["in a Node that nobody has tried", fake({ node: "28.0.0" }).process, "Node 24 to 26, got 28.0.0"],
    ["on ARM", fake({}, { arch: "arm64" }).process, "an x86-64 processor, got arm64"],
    [
      "without AVX2",
      fake({}, { flags: "fpu sse4_2 avx avx512f" }).process,
      "a processor with AVX2, got one without it",
    ],
  ])("%s", async (_, process, reason) => {
    vi.stubGlobal("process", process);
    const { modules } = instance();
    expect(await setWideVectors()).toBe(false);
    expect(backendInfo().reason).toContain(`; vectors of 128 bits: setWideVectors expected ${reason}`);
    expect(instance().modules).toBe(modules);
  });

  it("and nothing is refused where the system does not tell the processor's features, but it is noted", () => {
    expect(refusal(fake().process)).toEqual({ note: "" });
    const unknown = { note: " where the processor has AVX2 (this system does not tell)" };
    expect(refusal(fake({}, { platform: "darwin" }).process)).toEqual(unknown);
    const broken = { ...fake().process, getBuiltinModule: () => undefined } as unknown as Process;
    expect(refusal(broken)).toEqual(unknown);
  });

  it("unless it is asked for nothing: a wrong argument is an error", async () => {
    await expect(setWideVectors("yes" as unknown as boolean)).rejects.toThrow(
      'setWideVectors: expected on to be true or false, got "yes".',
    );
  });
});

describe("V8's flags", () => {
  it("are set while the kernels are compiled, and set back", async () => {
    const { set, process } = fake();
    vi.stubGlobal("process", process);
    expect(await setWideVectors()).toBe(true);
    expect(set).toEqual([
      ...["--experimental-wasm-revectorize", "--wasm-sync-tier-up", "--wasm-tiering-budget=1"],
      ...["--no-experimental-wasm-revectorize", "--no-wasm-sync-tier-up", "--wasm-tiering-budget=13000000"],
    ]);
    expect(backendInfo().reason).toMatch(/; vectors of 256 bits$/);
    set.length = 0;
    expect(await setWideVectors()).toBe(true); // is in force already
    expect(set).toEqual([]);
    expect(await setWideVectors(false)).toBe(false);
    expect(backendInfo().reason).not.toMatch(/vectors/);
  });

  it("go back to what the process was started with", async () => {
    const { set, process } = fake();
    process.execArgv.push("--no-experimental_wasm_revectorize", "--experimental_wasm_revectorize");
    process.env.NODE_OPTIONS = "--max-old-space-size=4000 --wasm-tiering-budget=500";
    vi.stubGlobal("process", process);
    await setWideVectors();
    expect(set.slice(3)).toEqual([
      ...["--experimental_wasm_revectorize", "--no-wasm-sync-tier-up", "--wasm-tiering-budget=500"],
    ]);
  });

  it("go back after a failure, too, and the kernels of before go on", async () => {
    const { set, process } = fake();
    vi.stubGlobal("process", process);
    vi.spyOn(WebAssembly, "Module").mockImplementation(function () {
      throw new RangeError("out of memory");
    });
    load();
    const { modules } = instance();
    expect(await setWideVectors()).toBe(false);
    expect(set.slice(3)).toHaveLength(3);
    expect(backendInfo().reason).toMatch(
      /vectors of 128 bits: wide kernels do not run here \(RangeError: out of memory\)$/,
    );
    expect(instance().modules).toEqual(modules);
  });
});

describe("Kernels that are exchanged", () => {
  it("work on the same memory: a model between forward and backward goes on with the same bits", () => {
    const train = (between: () => void): number[][] => {
      manualSeed(5);
      const layers = [new Conv2d(3, 9, 3), new BatchNorm2d(9), new ReLU(), new Flatten(), new Linear(9 * 144, 4)];
      const model = new Sequential(...layers);
      const [loss, optimizer] = [new CrossEntropy(), new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })];
      for (let step = 0; step < 2; step++) {
        loss.forward(model.forward(randn([4, 3, 14, 14])), [0, 1, 2, 3]);
        between();
        optimizer.zeroGrad();
        model.backward(loss.backward(), { inputGrad: false });
        optimizer.step();
      }
      return model.parameters().map(({ value }) => Array.from(value.data));
    };
    const expected = train(() => undefined);
    const { memory, heap, shared, modules } = instance();
    const others = (): WebAssembly.Module[] =>
      [kernels, kit].map((texts) => new WebAssembly.Module(moduleBytes(texts, shared)));
    expect(train(() => exchangeModules(others()))).toEqual(expected);
    expect(instance().memory).toBe(memory);
    expect(instance().heap).toBe(heap);
    exchangeModules(modules);
    expect(train(() => undefined)).toEqual(expected);
  });

  it("are not used when one of them gives other bits, and it is named", async () => {
    vi.stubGlobal("process", fake().process);
    load();
    const { modules } = instance();
    const real = elementwise.sqrt;
    let calls = 0;
    vi.spyOn(elementwise, "sqrt").mockImplementation((x, y) => {
      real(x, y);
      if (++calls === 3) y[1000] += 1e-6; // as compiled, in the remainder behind the last whole vector
    });
    expect(await setWideVectors()).toBe(false);
    expect(calls).toBe(3);
    expect(backendInfo().reason).toContain("of the wide kernels sqrt gave other bits than the narrow ones");
    expect(instance().modules).toEqual(modules);
  });
});

describe("The sample that is compared", () => {
  it("calls every kernel of both modules, and is the same each time", () => {
    const called = new Set<string>();
    for (const family of glue.families) {
      for (const name of Object.keys(family)) {
        const kernel = family[name];
        vi.spyOn(family, name).mockImplementation((...args) => {
          called.add(name);
          kernel(...args);
        });
      }
    }
    const first = sampleBits();
    expect([...called].sort()).toEqual(glue.families.flatMap((family) => Object.keys(family)).sort());
    expect(Object.keys(wasm.kernels).filter((name) => !called.has(name))).toEqual([]);
    expect(sampleBits()).toEqual(first);
  });

  it("has finite numbers, of which few are alike", () => {
    for (const { name, bits } of sampleBits()) {
      const numbers = [...new Float32Array(bits.buffer)];
      expect(
        numbers.filter((value) => !Number.isFinite(value)),
        name,
      ).toEqual([]);
      expect(new Set(numbers).size, name).toBeGreaterThan(1);
    }
  });
});
