// The drawing area: a pen for pointer and keyboard on a plane of ink.
import type { InkPlane } from "handgrad/models";

/** Side of the drawing in pixels. */
export const SIDE = 140;

type Point = readonly [number, number];

export class Drawing {
  pen = 11;
  /** Where the keyboard's pen is. */
  at: Point = [SIDE / 2, SIDE / 4];
  down = false;
  readonly #canvas = new OffscreenCanvas(SIDE, SIDE);
  readonly #context: OffscreenCanvasRenderingContext2D;

  constructor() {
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("this browser has no canvas");
    this.#context = context;
    context.lineCap = "round";
    context.lineJoin = "round";
  }

  clear(): void {
    this.#context.clearRect(0, 0, SIDE, SIDE);
  }

  line([x, y]: Point, [u, v]: Point): void {
    const context = this.#context;
    context.lineWidth = this.pen;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(u, v + (x === u && y === v ? 0.01 : 0)); // a dot is a line, too
    context.stroke();
  }

  /** An image of ink, as large as it fits. */
  put(ink: Float32Array, side: number): void {
    this.clear();
    const image = new ImageData(side, side);
    ink.forEach((value, n) => (image.data[4 * n + 3] = 255 * value));
    const small = new OffscreenCanvas(side, side);
    small.getContext("2d")?.putImageData(image, 0, 0);
    this.#context.imageSmoothingEnabled = true;
    this.#context.drawImage(small, 0, 0, SIDE, SIDE);
  }

  /** Moves the keyboard's pen and draws if it is down. */
  move(dx: number, dy: number): void {
    const within = (value: number): number => Math.max(0, Math.min(SIDE, value));
    const next: Point = [within(this.at[0] + dx), within(this.at[1] + dy)];
    if (this.down) this.line(this.at, next);
    this.at = next;
  }

  /** The ink, 0 to 1. */
  plane(): InkPlane {
    const { data } = this.#context.getImageData(0, 0, SIDE, SIDE);
    return {
      width: SIDE,
      height: SIDE,
      data: Float32Array.from({ length: SIDE * SIDE }, (_, n) => data[4 * n + 3] / 255),
    };
  }

  /** Draws what is there, and the keyboard's pen, on a visible canvas. */
  show(canvas: HTMLCanvasElement, withPen: boolean): void {
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIDE, SIDE);
    context.drawImage(this.#canvas, 0, 0);
    if (!withPen) return;
    context.strokeStyle = this.down ? "#b06d0a" : "#1d4f8f";
    context.lineWidth = 3;
    context.beginPath();
    context.arc(this.at[0], this.at[1], this.pen / 2 + 2, 0, 2 * Math.PI);
    context.stroke();
  }
}
