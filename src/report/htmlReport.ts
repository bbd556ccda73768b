// The report of a run, or of several side by side, as one HTML document: the door, and the order of what is in it.
import { backendInfo } from "../backend/select.js";
import { show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { VERSION } from "../onnx/version.js";
import type { MonitorOptions } from "../train/monitor.js";
import { calibrationChart } from "./calibration.js";
import { batchCharts, epochCharts } from "./curves.js";
import { documentOf, type Section } from "./document.js";
import { filtersCard } from "./filters.js";
import { dataBlock, markup, type Html } from "./html.js";
import { classesInHistory, matrixSection } from "./matrix.js";
import { mistakesSection } from "./mistakes.js";
import { runsTable, settingsCard, summaryCard, tiles } from "./overview.js";
import { Pictures, pictureOf, rangeOf, type Range } from "./pictures.js";
import { monitorOf, readRun, type ReadRun, type ReportRun } from "./run.js";
import { loadTools, type Tools } from "./tools.js";
import { grouped } from "./words.js";

/** Options of {@link htmlReport}. */
export interface ReportOptions {
  /** Default "Training report". */
  readonly title?: string;
  /** Names of the classes. Default: their numbers. */
  readonly classes?: readonly string[];
  /** Pictures in all, the worst mistakes first; a run of several gets its share. Default 100. */
  readonly pictures?: number;
  /** How many of the worst mistakes each run shows by themselves. Default 12. */
  readonly mistakes?: number;
  /** The longer side of a picture in pixels; larger images are made smaller. Default 64. */
  readonly pictureSize?: number;
  /** The numbers in images that are black and white. Default: [0, 1], or wider if some lie outside. */
  readonly range?: readonly [low: number, high: number];
  /** Which result decides what is best. Default: what `fit` looked at, else the validation loss. */
  readonly best?: MonitorOptions;
  /** When the report was made, as it is to be read. Default: not told, so that the same run gives the same report. */
  readonly date?: string;
}

interface Kept {
  readonly title: string;
  readonly classes: readonly string[] | undefined;
  readonly pictures: number;
  readonly mistakes: number;
  readonly pictureSize: number;
  readonly range: Range | undefined;
  readonly best: MonitorOptions | undefined;
  readonly date: string;
}

const text = (who: string, name: string, value: unknown): string => {
  if (typeof value === "string") return value;
  throw new ArgumentError(`${who}: expected ${name} as a text, got ${show(value)}.`);
};
const names = (who: string, name: string, value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as string[];
  throw new ArgumentError(`${who}: expected ${name} as a list of names, got ${show(value)}.`);
};
const range = (who: string, name: string, value: unknown): Range => {
  const [low, high] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [];
  if (Number.isFinite(low) && Number.isFinite(high) && (low as number) < (high as number))
    return [low as number, high as number];
  throw new ArgumentError(`${who}: expected ${name} as [low, high], got ${show(value)}.`);
};

const OPTIONS: OptionTable<Kept> = {
  title: { check: text, default: "Training report" },
  classes: { check: names }, // their numbers
  pictures: { check: (who, name, value) => whole(who, name, value, 0, 10_000), default: 100 },
  mistakes: { check: (who, name, value) => whole(who, name, value, 0, 1000), default: 12 },
  pictureSize: { check: (who, name, value) => whole(who, name, value, 1, 1024), default: 64 },
  range: { check: range }, // by the images
  best: { check: (_who, _name, value) => value as MonitorOptions }, // read with the runs
  date: { check: text, default: "" },
};

/**
 * A run, or several side by side, as one HTML document that needs nothing else: curves of every result, of the batches and of the
 * learning rate, a confusion matrix whose cells open their pictures (by epoch with {@link collectForReport}), the worst mistakes,
 * calibration, filters, layers, settings, seed and versions. It opens offline, under a policy that lets nothing in and runs nothing
 * but its own script, in light and dark, and works with keyboard and screen reader: each chart has a sentence and a table. Long
 * curves are drawn in stretches, each with its mean, lowest and highest value. Needs the packages `d3-scale`, `d3-shape` and
 * `fast-png`.
 *
 * @param runs what `fit` gave with what else is to be shown: `{ ...result, model, data: validation }`, or a list of such
 * @returns the document; write it to a file
 *
 * @example
 * const result = await fit(model, data, { optimizer, epochs: 2, validation });
 * const page = await htmlReport({ ...result, model, data: validation }, { classes: ["cat", "dog", "owl"] });
 *
 * @throws ArgumentError for an unusable run or option, too few class names, or a package that is missing; ShapeError for outputs that
 * are not scores of classes
 */
export async function htmlReport(runs: ReportRun | readonly ReportRun[], options: ReportOptions = {}): Promise<string> {
  const who = "htmlReport";
  const settings = readOptions(who, OPTIONS, options);
  const list: readonly unknown[] = Array.isArray(runs) ? runs : [runs];
  if (list.length === 0) throw new ArgumentError(`${who}: expected at least one run, got none.`);
  const tools = await loadTools(who);
  const each = Math.floor(settings.pictures / list.length);
  const read: ReadRun[] = [];
  for (const [i, run] of list.entries())
    read.push(await readRun(who, run, i + 1, each, Math.min(settings.mistakes, each)));
  const monitor = monitorOf(who, read, settings.best);
  const classes = classNames(who, read, settings.classes);
  const pictures = new Pictures(tools);
  const sections: Section[] = [];
  const blocks: Html[] = [];
  const several = read.length > 1;
  const [only] = read;
  const curves = [...epochCharts(tools, read, monitor), ...batchCharts(tools, read)];
  const compared = several ? [runsTable(read, monitor)] : [];
  if (several || curves.length > 0) {
    const content = markup`<div class="cards">${compared}${curves}</div>`;
    sections.push({ id: "curves", title: several ? "The runs side by side" : "Curves", content });
  }
  for (const [i, run] of read.entries()) {
    const prefix = `r${i}`;
    addPictures(who, run, prefix, pictures, settings);
    const made = await partsOf(who, tools, run, prefix, classes, pictures, settings.mistakes);
    if (made.data !== null) blocks.push(made.data);
    if (several) {
      const cards = [...made.judged, ...made.model];
      sections.push({
        id: prefix,
        title: run.name,
        content: markup`${tiles(run, monitor)}
          <div class="cards">${cards}</div>`,
      });
      continue;
    }
    if (made.judged.length > 0) {
      sections.push({
        id: "predictions",
        title: "Predictions",
        content: markup`<div class="cards">${made.judged}</div>`,
      });
    }
    if (made.model.length > 0) {
      sections.push({
        id: "model",
        title: "Model and settings",
        content: markup`<div class="cards">${made.model}</div>`,
      });
    }
  }
  const lead = markup`
    ${settings.date !== "" && markup`<p class="soft">${settings.date}</p>`}
    ${several ? markup`<p>${grouped(read.length)} runs.</p>` : tiles(only, monitor)}
  `;
  return documentOf(who, settings.title, lead, sections, versions(), [pictures.sheet, ...blocks]);
}

function classNames(who: string, runs: readonly ReadRun[], given: readonly string[] | undefined): readonly string[] {
  const count = Math.max(
    ...runs.map((run) => Math.max(run.gathered?.classes ?? 0, run.collected?.classes ?? 0, classesInHistory(run))),
  );
  if (given === undefined) return Array.from({ length: count }, (_, c) => String(c));
  if (given.length >= count && (count === 0 || given.length === count)) return given;
  throw new ArgumentError(`${who}: expected ${count} names of classes, got ${given.length}.`);
}

function addPictures(who: string, { gathered }: ReadRun, prefix: string, pictures: Pictures, settings: Kept): void {
  const shown = (gathered?.shown ?? []).flatMap(({ index, image }) => (image === null ? [] : [{ index, image }]));
  const drawn = settings.range ?? rangeOf(shown.map(({ image }) => image));
  for (const { index, image } of shown) {
    pictures.add(`${prefix}p${index}`, pictureOf(who, image, drawn, settings.pictureSize));
  }
}

/** What is said of one run: of its predictions, and of the model itself. */
async function partsOf(
  who: string,
  tools: Tools,
  run: ReadRun,
  prefix: string,
  classes: readonly string[],
  pictures: Pictures,
  mistakes: number,
): Promise<{ readonly judged: readonly Html[]; readonly model: readonly Html[]; readonly data: Html | null }> {
  const matrix = matrixSection(run, prefix, classes);
  const worst = await mistakesSection(who, run, prefix, classes, pictures, mistakes);
  const calibration = run.gathered === null ? null : calibrationChart(tools, run.gathered);
  const isThere = (part: Html | null | undefined): part is Html => part !== null && part !== undefined;
  return {
    judged: [matrix?.content, calibration, worst].filter(isThere),
    model: [filtersCard(run, prefix, pictures), summaryCard(run), settingsCard(run)].filter(isThere),
    data: matrix === null ? null : dataBlock(`${prefix}data`, matrix.data),
  };
}

function versions(): Html {
  const { process, navigator } = globalThis as {
    readonly process?: { readonly version?: string; readonly platform?: string; readonly arch?: string };
    readonly navigator?: { readonly userAgent?: string };
  };
  const runtime =
    typeof process?.version === "string"
      ? `Node ${process.version.slice(1)} on ${process.platform} ${process.arch}`
      : (navigator?.userAgent ?? "an unknown runtime");
  const { name, threads, reason } = backendInfo();
  const backend = `backend ${name}, ${threads} ${threads === 1 ? "thread" : "threads"} (${reason})`;
  return markup`<p>Made by handgrad ${VERSION} in ${runtime}; ${backend}.</p>`;
}
