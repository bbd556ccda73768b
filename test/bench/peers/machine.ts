// On what is measured: the processor, and what PyTorch makes of it.
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { spawnSync } from "node:child_process";

export const PYTHON = "/usr/bin/python3";

const FEATURES = [
  "avx",
  "avx2",
  "fma",
  "f16c",
  "avx512f",
  "avx512bw",
  "avx512vl",
  "avx512_vnni",
  "avx512_bf16",
  "amx_tile",
];

/** The processor by name, its class and those of its features that matter here. */
export function processor(): { readonly name: string; readonly class: string; readonly features: readonly string[] } {
  const info = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const field = (key: string): string => new RegExp(`^${key}\\s*: (.*)$`, "m").exec(info)?.[1] ?? "";
  const flags = field("flags").split(/\s+/);
  const features = FEATURES.filter((name) => flags.includes(name));
  const kind = features.includes("avx512f") ? "AVX-512" : features.includes("avx2") ? "AVX2" : process.arch;
  const place = ["cpu family", "model"].map((key) => `${key} ${field(key)}`).join(", ");
  return { name: `${cpus()[0].model.trim()} (${place}), ${cpus().length} cores`, class: kind, features };
}

// Where Debian and others have the allocator that gives nothing back.
const JEMALLOC = [
  ...["/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", "/usr/lib/aarch64-linux-gnu/libjemalloc.so.2"],
  ...["/usr/lib64/libjemalloc.so.2", "/usr/lib/libjemalloc.so.2"],
].find(existsSync);

/** How PyTorch is started so that blocks that it gives back stay its own, and the words for it. */
export const TUNED: { readonly words: string; readonly env: NodeJS.ProcessEnv } =
  JEMALLOC === undefined
    ? {
        words: "glibc's allocator that keeps its pages (there is no libjemalloc2 here)",
        env: {
          MALLOC_MMAP_THRESHOLD_: "4294967296",
          MALLOC_TRIM_THRESHOLD_: "8589934592",
          MALLOC_TOP_PAD_: "268435456",
        },
      }
    : {
        words: "jemalloc that keeps its pages",
        env: { LD_PRELOAD: JEMALLOC, MALLOC_CONF: "dirty_decay_ms:-1,muzzy_decay_ms:-1" },
      };

/** Instruction sets for PyTorch: all that the processor has, or as if it ended with AVX2. */
export function instructionSets(isa: string): NodeJS.ProcessEnv {
  if (isa === "all") return {};
  return {
    ONEDNN_MAX_CPU_ISA: "AVX2",
    DNNL_MAX_CPU_ISA: "AVX2",
    ATEN_CPU_CAPABILITY: "avx2",
    OPENBLAS_CORETYPE: "Haswell",
  };
}

/** The environment for a number of threads, without settings that tie OpenBLAS to another machine. */
export function environment(threads: number, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, OMP_NUM_THREADS: String(threads) };
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  return { ...env, ...more };
}

/** What PyTorch says of itself: version, instruction sets of oneDNN and of its own kernels; undefined without one. */
export function torchOf(
  isa: string,
): { readonly version: string; readonly onednn: string; readonly own: string } | undefined {
  const script = [
    ...["import torch", "x = torch.randn(8, 16, 16, 16)", "torch.nn.Conv2d(16, 32, 3)(x)"],
    ...["print('version', torch.__version__)", "print(torch.__config__.show())"],
  ].join("\n");
  const env = environment(1, { ...instructionSets(isa), ONEDNN_VERBOSE: "1", DNNL_VERBOSE: "1" });
  const { stdout, status } = spawnSync(PYTHON, ["-c", script], { env, encoding: "utf8" });
  if (status !== 0) return undefined;
  const find = (pattern: RegExp): string => pattern.exec(stdout)?.[1].trim() ?? "unknown";
  return {
    version: find(/^version (.*)$/m),
    onednn: `${find(/info,cpu,isa:(.*)$/m)}, convolution by ${find(/exec,cpu,convolution,([^,]*),/)}`,
    own: find(/CPU capability usage: (.*)$/m),
  };
}
