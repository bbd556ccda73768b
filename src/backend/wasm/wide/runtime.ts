// Where V8 can make vectors of 256 bits out of ours. It knows versions and processors, not kernels.

// Node versions whose V8 was tried. An older one has no such feature (Node 20) or gains nothing by it (22); what flags do in one
// that is not out yet nobody knows, and a wrong one may end the process.
const [FIRST, LAST] = [24, 26];

type Process = Pick<typeof globalThis.process, "versions" | "arch" | "platform" | "getBuiltinModule">;

/** Why wide vectors cannot be here, if so; else what is to be noted beside them. */
export function refusal(process: Process | undefined = globalThis.process): {
  readonly refused?: string;
  readonly note: string;
} {
  const no = (expected: string, got: string): ReturnType<typeof refusal> => ({
    refused: `setWideVectors expected ${expected}, got ${got}`,
    note: "",
  });
  const versions = process?.versions;
  const node = `Node ${FIRST} to ${LAST}`;
  if (versions?.node === undefined) return no(node, "a browser or another runtime without Node's modules");
  for (const other of ["bun", "deno", "electron"]) {
    if (versions[other] !== undefined) return no(node, `${other} ${versions[other]}`);
  }
  const major = Number(versions.node.split(".")[0]);
  if (!(major >= FIRST && major <= LAST)) return no(node, versions.node);
  if (process.arch !== "x64") return no("an x86-64 processor", process.arch);
  const features = featuresOf(process);
  if (features === undefined) return { note: " where the processor has AVX2 (this system does not tell)" };
  return features.includes("avx2") ? { note: "" } : no("a processor with AVX2", "one without it");
}

/** What the processor can do, by Linux's names; undefined where that cannot be read. */
function featuresOf({ platform, getBuiltinModule }: Process): readonly string[] | undefined {
  if (platform !== "linux") return undefined;
  try {
    const text = getBuiltinModule("node:fs").readFileSync("/proc/cpuinfo", "utf8");
    return /^flags\s*:(.*)$/m.exec(text)?.[1].trim().split(/\s+/);
  } catch {
    return undefined;
  }
}
