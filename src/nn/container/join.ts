// What joins share: several tensors become one. They stand in a Graph, at a node with several inputs; by itself a join has one
// input and hands it on.
import { ShapeError } from "../../base/errors.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Builtin } from "../builtin.js";
import type { SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { backward, forward, memory, ports, runMany, runManyBack, shapeOf, typeName, walkMany } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import type { Ports } from "./many.js";

/** Base of the joins: `Kept` is what the inputs leave for backward. */
export abstract class Join<Kept, S extends LayerSpec> extends Builtin<Kept, S> {
  /** @internal */
  get [ports](): Ports {
    return { takes: [1, Infinity], gives: [] };
  }

  /** The shape of the output, or a ShapeError made by `misfit`. @internal */
  protected abstract joinedShape(shapes: readonly Shape[], misfit: (expected: string) => ShapeError): Shape;

  /** y of inputs that fit; `pass.keep` takes what backward needs. @internal */
  protected abstract join(xs: readonly Tensor[], shape: Shape, pass: Pass): Tensor;

  /** The gradient of input `place`. @internal */
  protected abstract partBack(dy: Tensor, kept: Kept, pass: Pass, place: number): Tensor;

  [forward](x: Tensor, pass: Pass): Tensor {
    return this.#forward([x], pass, []);
  }

  [backward](dy: Tensor, kept: Kept, pass: Pass): Tensor {
    return this.partBack(dy, kept, pass, 0);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#shapeOf([shape], []);
  }

  /** @internal */
  [runMany](xs: readonly Tensor[], pass: Pass, names: readonly string[]): readonly Tensor[] {
    const y = this.#forward(xs, pass, names);
    if (pass.keeps) this[memory].keep(pass.takeKept(), pass, y.shape);
    return [y];
  }

  /** @internal */
  [runManyBack](
    [dy]: readonly (Tensor | undefined)[],
    pass: Pass,
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[] {
    const kept = this[memory].take(() => this[typeName], pass) as Kept;
    return wanted.map((each, place) => (each && dy !== undefined ? this.partBack(dy, kept, pass, place) : undefined));
  }

  /** @internal */
  [walkMany](shapes: readonly Shape[], see: SeeShape, path: string, names: readonly string[]): readonly Shape[] {
    const shape = this.#shapeOf(shapes, names);
    see(this, path, shape);
    return [shape];
  }

  #forward(xs: readonly Tensor[], pass: Pass, names: readonly string[]): Tensor {
    const shape = this.#shapeOf(
      xs.map((x) => x.shape),
      names,
    );
    return this.join(xs, shape, pass);
  }

  #shapeOf(shapes: readonly Shape[], names: readonly string[]): Shape {
    return this.joinedShape(shapes, (expected) => {
      const got = shapes.map((shape, i) => `${formatShape(shape)}${names[i] === undefined ? "" : ` from ${names[i]}`}`);
      return new ShapeError(`${this[typeName]}: expected ${expected}, got ${got.join(" and ")}.`);
    });
  }
}
