// What one core of this machine can do with 128-bit vectors, measured with three loops of WebAssembly: sums of products
// without a load, the same with the loads of a 4 x 8 tile, and copying.
import asc from "assemblyscript/asc";
import { quantile, timesOf } from "./models.js";

// tile: the inner loop of assembly/product.ts, on 256 steps that lie in the first cache.
const SOURCE = `
function arithmetic(steps: i32): v128 {
  v128.store(0, f32x4.splat(0.999)); // through memory, so that they are no constants
  v128.store(16, f32x4.splat(0.001));
  const m = v128.load(0), c = v128.load(16);
  let a0 = c, a1 = m, a2 = c, a3 = m, a4 = c, a5 = m, a6 = c, a7 = m, a8 = c, a9 = m, a10 = c, a11 = m;
  do {
    ${Array.from({ length: 12 }, (_, i) => `a${i} = f32x4.add(f32x4.mul(a${i}, m), c);`).join("\n")}
  } while (--steps > 0);
  a0 = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)));
  return f32x4.add(a0, f32x4.add(f32x4.add(a8, a9), f32x4.add(a10, a11)));
}
export function run(steps: i32): f32 { return f32x4.extract_lane(arithmetic(steps), 0); }

export function tile(times: i32): void {
  for (; times > 0; times--) {
    let y00 = f32x4.splat(0), y01 = y00, y10 = y00, y11 = y00, y20 = y00, y21 = y00, y30 = y00, y31 = y00;
    let at: usize = 65536, x: usize = 131072;
    do {
      const x0 = v128.load(x), x1 = v128.load(x, 16);
      ${[0, 1, 2, 3]
        .map(
          (row) => `const w${row} = v128.load32_splat(at, ${4 * row});
      y${row}0 = f32x4.add(y${row}0, f32x4.mul(w${row}, x0)); y${row}1 = f32x4.add(y${row}1, f32x4.mul(w${row}, x1));`,
        )
        .join("\n      ")}
      x += 32; at += 16;
    } while (at < 65536 + 4096);
    ${[0, 1, 2, 3].map((row) => `v128.store(${64 * row}, y${row}0); v128.store(${64 * row + 16}, y${row}1);`).join(" ")}
  }
}

export function copy(bytes: i32): void {
  const half: usize = 64 << 20;
  for (let i: usize = 0; i < <usize>bytes; i += 16) v128.store(half + i, v128.load(i));
}
`;

export interface Limits {
  /** Additions and multiplications, 10^9 a second, without a load. */
  readonly arithmetic: number;
  /** The same in the loop of a 4 x 8 tile. */
  readonly tile: number;
  /** Reads and writes while copying so many megabytes, GB/s. */
  copy(megabytes: number): number;
}

/** Measures them, each for `seconds`. */
export async function measureLimits(seconds: number): Promise<Limits> {
  const options = {
    optimizeLevel: 3,
    noAssert: true,
    runtime: "stub",
    enable: ["simd"],
    initialMemory: 2048,
    use: ["abort="],
  };
  const { error, binary } = await asc.compileString(SOURCE, options as never);
  if (error !== null || binary === null) throw error ?? new Error("no module");
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>);
  const loops = instance.exports as Record<"run" | "tile" | "copy", (count: number) => void>;
  const best = (call: () => void): number => quantile(timesOf(call, seconds), 0.1); // milliseconds
  return {
    arithmetic: (100_000 * 12 * 8) / 1e6 / best(() => loops.run(100_000)),
    tile: (400 * 256 * 64) / 1e6 / best(() => loops.tile(400)),
    copy: (megabytes) => (2 * megabytes) / best(() => loops.copy(megabytes * 1e6)),
  };
}
