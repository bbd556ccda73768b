// Checkpoints at a place: which are kept, which is taken, and that a folder never shows half a file.
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ArgumentError, FileError, FormatError, Linear, Sequential, StateError, manualSeed } from "../../src/index.js";
import { decodeCheckpoint, openCheckpoints, type CheckpointStore } from "../../src/entries/io.js";
import { makeRun, train, weightsDigest } from "../support/trainingRun.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "handgrad-checkpoints-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const model = (): Sequential => {
  manualSeed(1);
  return new Sequential(new Linear(2, 1));
};
const numbered = (n: number, metric?: number): string =>
  `checkpoint-${String(n).padStart(6, "0")}${metric === undefined ? "" : `-metric-${metric}`}.safetensors`;

async function rejectsExactly(
  act: () => Promise<unknown>,
  type: new (...args: never[]) => Error,
  message: string,
): Promise<void> {
  const error: unknown = await act().then(
    (value) => `resolved with ${String(value)}`,
    (reason: unknown) => reason,
  );
  expect((error as Error).message ?? error).toBe(message);
  expect((error as Error).constructor).toBe(type);
}

/** A store of one's own whose every answer takes a while. */
function slowStore(): CheckpointStore & { readonly files: Map<string, Uint8Array>; readonly log: string[] } {
  const files = new Map<string, Uint8Array>();
  const log: string[] = [];
  const later = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      setTimeout(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      }, 2);
    });
  return {
    files,
    log,
    list: () => later(() => [...files.keys()]),
    read: (name) => later(() => files.get(name) ?? null),
    write: (name, bytes) =>
      later(() => {
        log.push(`write ${name}`);
        files.set(name, bytes);
      }),
    remove: (name) =>
      later(() => {
        log.push(`remove ${name}`);
        files.delete(name);
      }),
  };
}

describe("A run with checkpoints in a folder", () => {
  it("stops anywhere and goes on from the latest, bit for bit", async () => {
    const whole = makeRun(1);
    const losses = train(whole, 7);
    const before = makeRun(1);
    const checkpoints = await openCheckpoints(join(folder, "made", "here"));
    const history = train(before, 4);
    const name = checkpoints.saveSync({ ...before, history, extra: { note: 1 } });
    train(before, 1); // lost

    const after = makeRun(9);
    const found = await (await openCheckpoints(join(folder, "made", "here"))).restore<number, object>(after);
    expect(found).toEqual({ name, history, extra: { note: 1 }, tensors: {}, metric: null, skipped: [] });
    expect([...(found?.history ?? []), ...train(after, 3)]).toEqual(losses);
    expect(weightsDigest(after.model)).toBe(weightsDigest(whole.model));
  });

  it("finds null in an empty folder, whatever it asks for", async () => {
    const checkpoints = await openCheckpoints(folder);
    for (const which of ["latest", "best", "checkpoint-000001.safetensors"]) {
      expect(await checkpoints.restore({ model: model() }, { which, fallback: true })).toBeNull();
      expect(await checkpoints.read({ which })).toBeNull();
    }
    expect(await checkpoints.list()).toEqual([]);
  });
});

describe("What is kept", () => {
  it("is the last three, and the best beside them; the others go once the new one is there", async () => {
    const checkpoints = await openCheckpoints(folder, { best: "max" });
    const run = { model: model() };
    for (const metric of [0.5, 0.9, 0.1, undefined, 0.9, NaN]) {
      checkpoints.saveSync(metric === undefined ? run : { ...run, metric });
    }
    const entries = await checkpoints.list();
    expect(entries).toEqual([
      { name: numbered(2, 0.9), number: 2, metric: 0.9, best: true }, // the earlier one of equals
      { name: numbered(4), number: 4, metric: null, best: false },
      { name: numbered(5, 0.9), number: 5, metric: 0.9, best: false },
      { name: numbered(6, NaN), number: 6, metric: NaN, best: false },
    ]);
    expect(readdirSync(folder).sort()).toEqual(entries.map(({ name }) => name));
    expect((await checkpoints.read({ which: "best" }))?.name).toBe(numbered(2, 0.9));
    expect((await checkpoints.read())?.name).toBe(numbered(6, NaN));
    expect((await checkpoints.read({ which: numbered(4) }))?.checkpoint.metric).toBeNull();
  });

  it.each([
    [{ keep: 1 }, [5]],
    [{ keep: 2, best: "min" }, [2, 4, 5]],
    [{ keep: 1, best: "max" }, [3, 5]],
    [{ keep: Infinity }, [1, 2, 3, 4, 5]],
  ] as const)("with %j of five with metrics 0, -1e-7, 3, 1, 2 are %j", async (options, kept) => {
    const checkpoints = await openCheckpoints(folder, options);
    for (const metric of [0, -1e-7, 3, 1, 2]) await checkpoints.save({ model: model(), metric });
    expect((await checkpoints.list()).map(({ number }) => number)).toEqual(kept);
  });

  it("is never a file of somebody else", async () => {
    const others = [
      "notes.txt",
      "checkpoint-1.safetensors",
      "checkpoint-000001.safetensors.bak",
      "checkpoint-000001-metric-.5.safetensors",
    ];
    for (const name of others) writeFileSync(join(folder, name), "mine");
    const checkpoints = await openCheckpoints(folder, { keep: 1 });
    for (let i = 0; i < 3; i++) checkpoints.saveSync({ model: model() });
    expect(readdirSync(folder).sort()).toEqual([...others, numbered(3)].sort());
    for (const name of others) expect(readFileSync(join(folder, name), "utf8")).toBe("mine");
  });
});

describe("A damaged checkpoint", () => {
  const saveThree = async (): Promise<void> => {
    const checkpoints = await openCheckpoints(folder, { best: "max" });
    for (const metric of [0.3, 0.1, 0.2]) checkpoints.saveSync({ model: model(), metric, history: [metric] });
    writeFileSync(join(folder, numbered(3, 0.2)), "not a checkpoint at all");
  };

  it("is named as such, and passed over if asked, which the result says", async () => {
    await saveThree();
    const checkpoints = await openCheckpoints(folder);
    const what =
      `Checkpoints.restore ${numbered(3, 0.2)}: expected a handgrad checkpoint, got another file (6e 6f 74 20; this looks like ` +
      "a text file).";
    const into = model();
    const before = weightsDigest(into);
    await rejectsExactly(
      () => checkpoints.restore({ model: into }),
      FormatError,
      `${what} With { fallback: true } the one before it is used.`,
    );
    expect(weightsDigest(into)).toBe(before);
    const found = await checkpoints.restore({ model: into }, { fallback: true });
    expect(found).toMatchObject({ name: numbered(2, 0.1), skipped: [{ name: numbered(3, 0.2), reason: what }] });
    // It keeps its number: the next one gets another.
    expect(checkpoints.saveSync({ model: into })).toBe(numbered(4));
  });

  it("is stood in for by the next best, or by the one before a name", async () => {
    await saveThree();
    const file = join(folder, numbered(1, 0.3));
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file, bytes);
    const checkpoints = await openCheckpoints(folder, { best: "max" });
    const best = await checkpoints.read({ which: "best", fallback: true });
    expect([best?.name, best?.skipped.map(({ name }) => name)]).toEqual([
      numbered(2, 0.1),
      [numbered(1, 0.3), numbered(3, 0.2)],
    ]);
    const named = await checkpoints.read({ which: numbered(3, 0.2), fallback: true });
    expect(named?.name).toBe(numbered(2, 0.1));
  });

  it("that is the last of all leaves nothing: the error names each", async () => {
    await saveThree();
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "");
    const checkpoints = await openCheckpoints(folder);
    const reason = (n: number, metric: number): string =>
      `Checkpoints.read ${numbered(n, metric)}: expected a handgrad checkpoint, got an empty file.`;
    await rejectsExactly(
      () => checkpoints.read({ fallback: true }),
      FormatError,
      `Checkpoints.read: expected a whole checkpoint, got none of 3: ${reason(3, 0.2)} ${reason(2, 0.1)} ${reason(1, 0.3)}`,
    );
  });

  it("is not what a checkpoint of another model is: that is an error also with a fallback", async () => {
    await saveThree();
    writeFileSync(join(folder, numbered(3, 0.2)), readFileSync(join(folder, numbered(1, 0.3))));
    const checkpoints = await openCheckpoints(folder);
    await rejectsExactly(
      () => checkpoints.restore({ model: new Sequential(["other", new Linear(2, 1)]) }, { fallback: true }),
      ArgumentError,
      `Checkpoints.restore ${numbered(3, 0.2)}: expected the model's 2 names, got 2 missing (other.weight, other.bias) and 2 ` +
        "unexpected (0.weight, 0.bias) (the checkpoint is of another model; build the same one).",
    );
  });
});

describe("A folder", () => {
  it.each(["openSync", "writeFileSync", "fsyncSync", "renameSync"] as const)(
    "in which %s fails keeps the checkpoint before it, and nothing is left behind",
    async (method) => {
      const checkpoints = await openCheckpoints(folder, { keep: 1 });
      checkpoints.saveSync({ model: model(), history: ["first"] });
      const cause = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      const real = fs[method] as (...args: unknown[]) => unknown;
      vi.spyOn(fs, method).mockImplementationOnce((...args: unknown[]) => {
        if (method === "writeFileSync") real(args[0], (args[1] as Uint8Array).subarray(0, 100)); // half of it
        throw cause;
      });
      let thrown: unknown;
      try {
        checkpoints.saveSync({ model: model(), history: ["second"] });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(FileError);
      expect((thrown as Error).cause).toBe(cause);
      expect((thrown as Error).message).toMatch(
        /^Checkpoints: expected to write \d+ bytes to \/.*\/checkpoint-000002\.safetensors, got ENOSPC: no space left on device \(free some space; the checkpoints before it are whole\)\.$/,
      );
      expect(readdirSync(folder)).toEqual([numbered(1)]);
      expect((await checkpoints.read())?.checkpoint.history).toEqual(["first"]);
      expect(checkpoints.saveSync({ model: model(), history: ["third"] })).toBe(numbered(2));
      expect(readdirSync(folder)).toEqual([numbered(2)]);
    },
  );

  it("shows the name only when the bytes are on the disk, and deletes only after that", async () => {
    const checkpoints = await openCheckpoints(folder, { keep: 1 });
    checkpoints.saveSync({ model: model() });
    const log: string[] = [];
    for (const method of ["writeFileSync", "fsyncSync", "renameSync", "rmSync"] as const) {
      const real = fs[method] as (...args: unknown[]) => unknown;
      vi.spyOn(fs, method).mockImplementation((...args: unknown[]) => {
        log.push(
          `${method} ${readdirSync(folder)
            .sort()
            .map((name) => name.replace(/\d+\.tmp$/, "tmp"))
            .join(" ")}`,
        );
        return real(...args) as never;
      });
    }
    checkpoints.saveSync({ model: model() });
    const [one, two] = [numbered(1), numbered(2)];
    const temporary = `.${two}.tmp`;
    expect(log).toEqual([
      `writeFileSync ${temporary} ${one}`,
      `fsyncSync ${temporary} ${one}`,
      `renameSync ${temporary} ${one}`,
      `fsyncSync ${one} ${two}`, // the folder
      `rmSync ${one} ${two}`,
    ]);
  });

  it("is cleaned of what dead writers left, at the first save; a live one's file and an open alone touch nothing", async () => {
    const temporary = (pid: number | string): string => `.${numbered(7)}.${pid}.tmp`;
    const [dead, own, live, old] = [2 ** 22 + 7, process.pid, process.ppid, 1];
    for (const pid of [dead, own, live, old, "x"]) writeFileSync(join(folder, temporary(pid)), "half");
    utimesSync(join(folder, temporary(old)), 1, 1); // alive, but nobody writes for so long
    const checkpoints = await openCheckpoints(folder);
    expect(readdirSync(folder)).toHaveLength(5);
    expect(await checkpoints.list()).toEqual([]);
    checkpoints.saveSync({ model: model() });
    expect(readdirSync(folder).sort()).toEqual([temporary(live), temporary("x"), numbered(1)].sort());
  });

  it("has one writer: a checkpoint from somewhere else is an error at the next save", async () => {
    const [one, other] = [await openCheckpoints(folder), await openCheckpoints(folder)];
    one.saveSync({ model: model() });
    await rejectsExactly(
      () => other.save({ model: model() }),
      StateError,
      "Checkpoints.save: expected to be the only writer of this place, got checkpoint 1 from somewhere else (one run a place; " +
        "open another one).",
    );
    expect(readdirSync(folder)).toEqual([numbered(1)]);
    expect((await other.read())?.name).toBe(numbered(1)); // reading is free
  });

  it("that cannot be one is a FileError", async () => {
    writeFileSync(join(folder, "file"), "");
    await rejectsExactly(
      () => openCheckpoints(join(folder, "file")),
      FileError,
      `Checkpoints: expected to make the folder ${join(folder, "file")}, got EEXIST: file already exists, mkdir ` +
        `'${join(folder, "file")}' (choose another path: there is a file of this name).`,
    );
    mkdirSync(join(folder, numbered(1)));
    const checkpoints = await openCheckpoints(folder);
    const error: unknown = await checkpoints.read().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileError);
    expect(String(error)).toMatch(/expected to read .*, got EISDIR/);
    expect(existsSync(join(folder, numbered(1)))).toBe(true);
  });
});

describe("A store of one's own", () => {
  it("gets the state of the call, in the order of the calls, also where nobody awaits", async () => {
    const store = slowStore();
    const checkpoints = await openCheckpoints(store, { keep: 1, best: "min" });
    const run = makeRun(1);
    const names: Promise<string>[] = [];
    const digests: string[] = [];
    for (const metric of [2, 1, 3]) {
      train(run, 1);
      digests.push(weightsDigest(run.model));
      names.push(checkpoints.save({ ...run, metric }));
    }
    train(run, 1);
    expect(await Promise.all(names)).toEqual([numbered(1, 2), numbered(2, 1), numbered(3, 3)]);
    expect([...store.files.keys()]).toEqual([numbered(2, 1), numbered(3, 3)]);
    expect(store.log).toEqual(
      [1, 2, 3].flatMap((n) =>
        n === 2 ? [`write ${numbered(2, 1)}`, `remove ${numbered(1, 2)}`] : [`write ${numbered(n, n === 1 ? 2 : 3)}`],
      ),
    );
    const after = makeRun(2);
    await checkpoints.restore(after);
    expect(weightsDigest(after.model)).toBe(digests[2]);
  });

  it("that fails once does not hold up the next save", async () => {
    const store = slowStore();
    const checkpoints = await openCheckpoints(store);
    vi.spyOn(store, "write").mockRejectedValueOnce(new Error("no network"));
    const [first, second] = [checkpoints.save({ model: model() }), checkpoints.save({ model: model() })];
    await expect(first).rejects.toThrow("no network");
    expect(await second).toBe(numbered(1));
    expect(decodeCheckpoint(store.files.get(numbered(1))!).history).toEqual([]);
  });

  it("serves saveSync if it says that it answers at once", async () => {
    const files = new Map<string, Uint8Array>();
    const store: CheckpointStore = {
      sync: true,
      list: () => [...files.keys()],
      read: (name) => files.get(name) ?? null,
      write: (name, bytes) => void files.set(name, bytes),
      remove: (name) => void files.delete(name),
    };
    const checkpoints = await openCheckpoints(store, { keep: 1 });
    checkpoints.saveSync({ model: model() });
    checkpoints.saveSync({ model: model() });
    expect([...files.keys()]).toEqual([numbered(2)]);
    const slow = await openCheckpoints(slowStore());
    expect(() => slow.saveSync({ model: model() })).toThrow(
      "Checkpoints.saveSync: expected a place that answers at once, such as a folder, got another (await save).",
    );
  });
});

describe("Wrong calls", () => {
  it.each([
    ["", {}, 'openCheckpoints: expected the path of a folder, got "".'],
    [
      {},
      {},
      "openCheckpoints: expected a path, a database's name, or a store with list, read, write, remove, got an object (Object).",
    ],
    [
      null,
      {},
      "openCheckpoints: expected a path, a database's name, or a store with list, read, write, remove, got null.",
    ],
    ["x", { keep: 0 }, "openCheckpoints: expected keep to be a whole number of at least 1, got 0."],
    ["x", { best: "maximum" }, 'openCheckpoints: expected best to be one of "max", "min", got "maximum".'],
    ["x", { kep: 1 }, 'openCheckpoints: unknown option "kep", did you mean "keep"? (options: keep, best).'],
  ])("openCheckpoints(%j, %j)", async (place, options, message) => {
    await rejectsExactly(() => openCheckpoints(place as string, options as object), ArgumentError, message);
    expect(existsSync("x")).toBe(false);
  });

  it("of restore and read", async () => {
    const checkpoints = await openCheckpoints(folder, { best: "max" });
    checkpoints.saveSync({ model: model() });
    const wrong: [object, string][] = [
      [
        { which: "lates" },
        'expected "latest", "best" or the name of a checkpoint, got "lates", did you mean "latest"?',
      ],
      [{ which: 3 }, 'expected "latest", "best" or the name of a checkpoint, got 3.'],
      [{ which: "best" }, "expected checkpoints with a metric to choose by, got 1 without (save with a metric)."],
      [{ fallback: 1 }, "expected fallback to be true or false, got 1."],
    ];
    for (const [options, message] of wrong) {
      await rejectsExactly(() => checkpoints.read(options), ArgumentError, `Checkpoints.read: ${message}`);
    }
    const plain = await openCheckpoints(folder);
    await rejectsExactly(
      () => plain.read({ which: "best" }),
      ArgumentError,
      'Checkpoints.read: expected checkpoints with a metric to choose by, got none (open with { best: "max" } or "min").',
    );
  });
});
