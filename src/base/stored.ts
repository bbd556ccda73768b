// Stored: numbers of a parameter, a gradient or an optimizer's state. They lie where kernels work on them, and come out as an
// ordinary array when somebody asks for one. Who makes them and where they lie is the backend's matter (STORAGE in backend/kernels.ts).

/** Numbers that a backend keeps. */
export interface Stored {
  /** How many there are. */
  readonly length: number;
  /** An ordinary array of its own, the same one each time: from now on live in both directions. */
  array(): Float32Array;
  /** Where they are now, to be read or written at once: the next call of a kernel can move them. Never handed on. */
  now(): Float32Array;
}
