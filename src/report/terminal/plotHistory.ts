// The curves of a run as text, for the terminal: simple-ascii-chart draws them.
import { flag, show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { History } from "../../train/history.js";
import { columnWords, short } from "../words.js";
import { colorsHere, columnsHere, fitted, plainLine, widthOf } from "./display.js";

/** Options of {@link plotHistory}. */
export interface PlotHistoryOptions {
  /** Results of the epochs that share a drawing: `["valAccuracy"]`. Default: all losses. */
  readonly columns?: readonly string[];
  /** Columns of the terminal that the text may take, at least 40. Default: those of the terminal, 80 where there is none. */
  readonly width?: number;
  /** Rows of the drawing, at least 3. Default 12. */
  readonly height?: number;
  /** Whether lines have colors. Default: on a terminal, unless NO_COLOR is set. */
  readonly color?: boolean;
}

const list = (who: string, name: string, value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return value as string[];
  throw new ArgumentError(`${who}: expected ${name} as a list of names such as ["valLoss"], got ${show(value)}.`);
};

const OPTIONS: OptionTable<{ columns: readonly string[] | undefined; width: number; height: number; color: boolean }> =
  {
    columns: { check: list }, // all losses
    width: { check: (who, name, value) => whole(who, name, value, 40), default: () => Math.max(40, columnsHere()) },
    height: { check: (who, name, value) => whole(who, name, value, 3, 200), default: 12 },
    color: { check: flag, default: () => colorsHere() },
  };

const COLORS = ["ansiCyan", "ansiYellow", "ansiGreen", "ansiMagenta", "ansiRed", "ansiBlue"] as const;
const PLAIN = ["●", "○", "+", "×", "◆", "◇"]; // points of lines without a color, so that they can be told apart

/**
 * Curves of a run's epochs as text. Without a terminal there are no colors, and the text has the width of 80 columns. Values that are
 * not finite are left out and counted below. Needs the package `simple-ascii-chart`.
 *
 * @example
 * const { history } = await fit(model, data, { optimizer, epochs: 3, validation });
 * console.log(await plotHistory(history));
 *
 * @throws ArgumentError for a column that the history does not have, or without numbers, an unusable option, or a missing package
 */
export async function plotHistory(history: History, options: PlotHistoryOptions = {}): Promise<string> {
  const who = "plotHistory";
  if (!(history instanceof History)) {
    throw new ArgumentError(
      `${who}: expected the history of fit, got ${show(history)} (result.history, or History.from(json)).`,
    );
  }
  const { columns: given, width, height, color } = readOptions(who, OPTIONS, options);
  const there = history.columns.filter((name) => history.column(name).some((value) => Number.isFinite(value)));
  const columns = given ?? there.filter((name) => /loss$/i.test(name));
  const odd = columns.find((name) => !there.includes(name));
  if (odd !== undefined || columns.length === 0) {
    const got = odd === undefined ? "none" : show(odd);
    throw new ArgumentError(
      `${who}: expected columns with numbers (${there.join(", ") || "there are none"}), got ${got}.`,
    );
  }
  const plot = await loadPlot(who);
  const lines = columns.map((name) => {
    const points = history.column(name).map((value, i): [number, number] => [history.epochs[i].epoch, value]);
    return points.filter(([, value]) => Number.isFinite(value));
  });
  const labels = Math.max(...lines.flat().map(([, value]) => short(value).length)) + 4; // beside the drawing
  const epochs = [...new Set(lines.flat().map(([epoch]) => epoch))];
  const drawing = plot(lines, {
    width: Math.max(width - labels, 10),
    height,
    formatter: (value, { axis }) => (axis === "x" ? (epochs.includes(value) ? value : "") : short(value)),
    ...(color && { color: columns.map((_, i) => COLORS[i % COLORS.length]) }),
    // Without colors points, each line with its own.
    ...(!color &&
      lines.length > 1 && {
        lineFormatter: ({ plotX, plotY, input }) => ({
          x: plotX,
          y: plotY,
          symbol: PLAIN[lines.indexOf(input) % PLAIN.length],
        }),
      }),
  });
  const trimmed = drawing.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "").join("\n"); // prettier-ignore
  const told = columns.map((name, i) => {
    const lost = history.epochs.length - lines[i].length;
    const last = lines[i][lines[i].length - 1][1];
    const key = color
      ? `\u001b[${CODES[i % CODES.length]}m━━\u001b[0m`
      : columns.length > 1
        ? PLAIN[i % PLAIN.length]
        : "━━";
    const note = `, at the end ${short(last)}${lost > 0 ? `, ${lost} not finite` : ""}`;
    const words = plainLine(columnWords(name));
    const room = Math.max(1, width - 3 - note.length);
    return `${key} ${widthOf(words) > room ? fitted(words, room, "left") : words}${note}`;
  });
  return `${trimmed}\n${told.join("\n")}\n`;
}

const CODES = [36, 33, 32, 35, 31, 34]; // of COLORS

async function loadPlot(who: string): Promise<typeof import("simple-ascii-chart").plot> {
  try {
    return (await import("simple-ascii-chart")).plot;
  } catch (cause) {
    const remedy = "npm install simple-ascii-chart";
    throw new ArgumentError(`${who}: expected the package simple-ascii-chart, got none (${remedy}).`, { cause });
  }
}
