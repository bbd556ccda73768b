// The error classes and the one wording of every message: "Who: expected X, got Y (remedy)."
// It knows no tensors and no layers.

/**
 * Base of every error that handgrad throws on purpose. Inside a model the path of the failing layer comes first in
 * the message ("features.3 Conv2d: ...") and alone in {@link HandgradError.path}.
 */
export class HandgradError extends Error {
  /** The name of the class. */
  override name = "HandgradError";
  /** Path of the layer in its model, for example "features.3"; empty outside a model. */
  path = "";

  /** What JSON.stringify writes: JSON leaves the message of an error out. */
  toJSON(): object {
    return { ...this, message: this.message };
  }

  /** Puts the name of a layer's place in its container before the message. Containers call it, innermost first. */
  at(place: string): this {
    const { message: before, stack } = this; // an engine may write the stack when it is first read: with this message
    this.message = this.path === "" ? `${place} ${before}` : `${place}.${before}`;
    this.path = this.path === "" ? place : `${place}.${this.path}`;
    if (stack) this.stack = stack.replace(before, () => this.message);
    return this;
  }
}

/** A tensor has the wrong rank or the wrong sizes. */
export class ShapeError extends HandgradError {
  /** The name of the class. */
  override name = "ShapeError";
}

/** An option, a label, an index or another argument is not usable. */
export class ArgumentError extends HandgradError {
  /** The name of the class. */
  override name = "ArgumentError";
}

/** A method was called at a time when it cannot work: backward before forward, backward twice. */
export class StateError extends HandgradError {
  /** The name of the class. */
  override name = "StateError";
}

/** The active backend cannot run here, or not on this kind of data. */
export class BackendError extends HandgradError {
  /** The name of the class. */
  override name = "BackendError";
}

/** Bytes or a file are not what their format asks for. */
export class FormatError extends HandgradError {
  /** The name of the class. */
  override name = "FormatError";
}

/** Kernel memory is full, even after idle workspaces were taken back. */
export class MemoryError extends HandgradError {
  /** The name of the class. */
  override name = "MemoryError";
}

/** A file or another place for bytes could not be read or written; `cause` is what the system said. */
export class FileError extends HandgradError {
  /** The name of the class. */
  override name = "FileError";
}

/** Where an {@link AnomalyError} found its number. */
export interface AnomalyPlace {
  /** Path of the layer in the watched model, "" for the model itself, a loss or an optimizer. */
  readonly path: string;
  /** What was running. */
  readonly pass: "forward" | "predict" | "backward" | "loss" | "step";
  /** Which numbers: "inputs", "outputs", "parameters", "gradients dy", "gradients of its input" ... */
  readonly what: string;
  /** Name of the parameter; "" where it is none. */
  readonly parameter: string;
  /** Place of the first such number in its tensor, one index for each axis. */
  readonly index: readonly number[];
  /** NaN, Infinity or -Infinity. */
  readonly value: number;
}

/** A number is not finite; thrown under `detectAnomaly` only. */
export class AnomalyError extends HandgradError {
  /** The name of the class. */
  override name = "AnomalyError";
  /** What was running. */
  readonly pass: AnomalyPlace["pass"];
  /** Which numbers: "inputs", "outputs", "parameters", "gradients dy" ... */
  readonly what: string;
  /** Name of the parameter; "" where it is none. */
  readonly parameter: string;
  /** Place of the first such number in its tensor, one index for each axis. */
  readonly index: readonly number[];
  /** NaN, Infinity or -Infinity. */
  readonly value: number;

  constructor(message: string, place: Partial<AnomalyPlace> = {}) {
    super(message);
    this.path = place.path ?? "";
    this.pass = place.pass ?? "forward";
    this.what = place.what ?? "";
    this.parameter = place.parameter ?? "";
    this.index = place.index ?? [];
    this.value = place.value ?? NaN;
  }

  /** Changes nothing: path and message are whole from the start. */
  override at(): this {
    return this;
  }
}
