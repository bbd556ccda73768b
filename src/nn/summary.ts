// The table of a model: layers, output shapes, parameter counts, sizes in megabytes. Only shapes are needed.
import type { Layer, SeeShape } from "./layer.js";
import { checkShape, formatShape, sizeOf, type Shape } from "../base/shape.js";
import { spec, typeName, walkShapes } from "./protocol.js";

/** One layer of a {@link Summary}. */
export interface SummaryRow {
  /** Type and number, such as "Conv2d-1"; a Flatten is a view and has no number. */
  readonly name: string;
  /** Place in the model, such as "features.0". */
  readonly path: string;
  /** Output shape for one sample, without the batch axis. */
  readonly outputShape: Shape;
  /** How many learned numbers the layer has; a shared parameter counts where it stands first. */
  readonly parameters: number;
}

const MEGABYTE = 1024 * 1024;

/**
 * What `model.summary([C, H, W])` returns; `String(summary)` and console.log give the table.
 *
 * Sizes count four bytes a number: the forward/backward pass holds each output and its gradient (a Flatten is a view and
 * holds nothing).
 */
export class Summary {
  /** The layers, in order. */
  readonly rows: readonly SummaryRow[];
  /** Learned numbers in the whole model. */
  readonly totalParameters: number;
  /** Bytes of one input sample. */
  readonly inputBytes: number;
  /** Bytes of all outputs of one sample and their gradients. */
  readonly passBytes: number;
  /** Bytes of the parameters. */
  readonly parameterBytes: number;
  readonly #note: string;

  /**
   * @param walk shows the layers and their shapes, in order
   * @internal
   */
  constructor(
    model: Layer,
    inputShape: Shape,
    walk: (see: SeeShape) => unknown = (see) => model[walkShapes]([1, ...inputShape], see, ""),
  ) {
    const input = checkShape(`${model[typeName]}.summary`, inputShape);
    const rows: SummaryRow[] = [];
    const seen = new Set<unknown>();
    let outputs = 0;
    let number = 0;
    let last: Layer | undefined;
    const see: SeeShape = (layer, path, out) => {
      const own = layer.parameters().filter((parameter) => !seen.has(parameter) && seen.add(parameter));
      const isView = layer[spec]?.isView === true;
      if (!isView) {
        number++;
        outputs += sizeOf(out.slice(1));
      }
      const type = layer[typeName];
      const parameters = own.reduce((total, parameter) => total + parameter.size, 0);
      rows.push({ name: isView ? type : `${type}-${number}`, path, outputShape: out.slice(1), parameters });
      last = layer;
    };
    walk(see);
    this.rows = rows;
    this.totalParameters = rows.reduce((total, row) => total + row.parameters, 0);
    this.inputBytes = 4 * sizeOf(input);
    this.passBytes = 2 * 4 * outputs;
    this.parameterBytes = 4 * this.totalParameters;
    this.#note = last?.[spec]?.noteOfLast ?? "";
  }

  /** The table. */
  toString(): string {
    const cells = this.rows.map((row, i) => {
      const note = i === this.rows.length - 1 && this.#note !== "" ? `  <- ${this.#note}` : "";
      return [row.name, formatShape([-1, ...row.outputShape]), grouped(row.parameters), note];
    });
    const heads = ["Layer (type)", "Output shape", "Param #", ""];
    const width = [0, 1, 2].map((i) => Math.max(...[heads, ...cells].map((row) => row[i].length)));
    const line = ([name, shape, count, note]: string[]): string =>
      `${name.padEnd(width[0])}  ${shape.padEnd(width[1])}  ${count.padStart(width[2])}${note}`;
    const rule = "-".repeat(width[0] + width[1] + width[2] + 4);
    return [
      rule,
      line(heads),
      rule,
      ...cells.map(line),
      rule,
      `Total params: ${grouped(this.totalParameters)}`,
      `Input size: ${inBytes(this.inputBytes)}`,
      `Forward/backward pass size: ${inBytes(this.passBytes)}`,
      `Params size: ${inBytes(this.parameterBytes)}`,
      `Estimated total size: ${inBytes(this.inputBytes + this.passBytes + this.parameterBytes)}`,
    ].join("\n");
  }

  /** What console.log of Node shows. @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

// Megabytes, and kilobytes beside them for a size that is nothing in megabytes.
function inBytes(bytes: number): string {
  const megabytes = (bytes / MEGABYTE).toFixed(2);
  return `${megabytes} MB${megabytes === "0.00" && bytes > 0 ? ` (${(bytes / 1024).toFixed(2)} kB)` : ""}`;
}

// 1,234,567, also where the runtime knows no languages.
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
