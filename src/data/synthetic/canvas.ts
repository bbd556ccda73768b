// A small canvas for drawn data sets: strokes and areas with soft edges, one level a pixel. Coordinates are in pixels, x to the
// right, y down, (0, 0) the upper left corner of the first pixel.

/** A point [x, y]. */
export type Point = readonly [x: number, y: number];

/** Levels from 0 to 1, [size, size]. */
export class Canvas {
  readonly size: number;
  readonly levels: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.levels = new Float64Array(size * size);
  }

  /** A line along the points with round ends; an edge is one pixel wide. */
  stroke(points: readonly Point[], width: number): void {
    for (let i = 0; i + 1 < points.length; i++) this.#segment(points[i], points[i + 1], width / 2);
  }

  /** Every pixel by its distance outside of an area (negative inside). */
  area(distance: (x: number, y: number) => number): void {
    for (let row = 0; row < this.size; row++) {
      for (let column = 0; column < this.size; column++) {
        this.#lighten(row, column, 0.5 - distance(column + 0.5, row + 0.5));
      }
    }
  }

  #segment([ax, ay]: Point, [bx, by]: Point, radius: number): void {
    const reach = radius + 1;
    const [left, right] = [Math.min(ax, bx) - reach, Math.max(ax, bx) + reach];
    const [top, bottom] = [Math.min(ay, by) - reach, Math.max(ay, by) + reach];
    const [dx, dy] = [bx - ax, by - ay];
    const squared = dx * dx + dy * dy;
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(this.size, Math.ceil(bottom)); row++) {
      for (let column = Math.max(0, Math.floor(left)); column < Math.min(this.size, Math.ceil(right)); column++) {
        const [px, py] = [column + 0.5 - ax, row + 0.5 - ay];
        const along = squared === 0 ? 0 : Math.min(Math.max((px * dx + py * dy) / squared, 0), 1);
        const [x, y] = [px - along * dx, py - along * dy];
        this.#lighten(row, column, radius + 0.5 - Math.sqrt(x * x + y * y));
      }
    }
  }

  #lighten(row: number, column: number, level: number): void {
    const at = row * this.size + column;
    this.levels[at] = Math.max(this.levels[at], Math.min(Math.max(level, 0), 1));
  }
}
