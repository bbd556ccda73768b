// What the fuzz harness knows of a format. Each file in targets/ exports one as `target`; nothing else has to be listed.

/** One format under test. */
export interface FuzzTarget {
  readonly name: string; // "safetensors"
  /** Valid files, small ones (under 4 kB) among them. */
  seeds(): Uint8Array[];
  /** Reads bytes as a user would; throws only handgrad's own errors for bad ones. */
  parse(bytes: Uint8Array): void;
  /** A structure-aware change of a valid file: lengths, offsets, names, shapes, fields; random() is in [0, 1). */
  mutate(bytes: Uint8Array, random: () => number): Uint8Array;
  /** Most bytes that parsing may allocate for these input bytes. */
  allocationLimit(bytes: Uint8Array): number;
}
