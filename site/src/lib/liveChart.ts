// A curve that grows while something runs, drawn by uPlot. Its table and its sentence stand beside it, in the page.
import { nothing } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";
import uPlot from "uplot";

export interface Curve {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A custom property: its color. */
  readonly color: string;
  readonly dashed?: boolean;
}

export interface LiveChart {
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly curves: readonly Curve[];
  readonly height?: number;
  /** Least and most of the vertical axis; by the data if left out. */
  readonly range?: readonly [number, number];
}

class Live extends Directive {
  #plot: uPlot | undefined;
  #chart: LiveChart | undefined;
  #host: HTMLElement | undefined;
  #key = "";

  override render(_: LiveChart): unknown {
    return nothing;
  }

  override update(part: ElementPart, [chart]: [LiveChart]): unknown {
    this.#chart = chart;
    if (this.#host === undefined) {
      this.#host = part.element as HTMLElement;
      new ResizeObserver(() => this.#resize()).observe(this.#host);
      // Colors are drawn, not styled: another scheme needs another drawing.
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#make());
    }
    const key = JSON.stringify([chart.xLabel, chart.curves.map((curve) => curve.label)]);
    if (this.#plot === undefined || key !== this.#key) {
      this.#key = key;
      queueMicrotask(() => this.#make());
    } else this.#plot.setData(this.#data());
    return nothing;
  }

  #data(): uPlot.AlignedData {
    const { x, curves } = this.#chart as LiveChart;
    return [[...x], ...curves.map((curve) => [...curve.values])];
  }

  #resize(): void {
    const width = this.#host?.clientWidth ?? 0;
    if (width > 0) this.#plot?.setSize({ width, height: this.#chart?.height ?? 220 });
  }

  #make(): void {
    const host = this.#host;
    const chart = this.#chart;
    if (host === undefined || chart === undefined || host.clientWidth === 0) return;
    this.#plot?.destroy();
    const style = getComputedStyle(host);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color("--soft"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { stroke: color("--line"), width: 1 },
      font: `12px ${style.fontFamily}`,
    };
    this.#plot = new uPlot(
      {
        width: host.clientWidth,
        height: chart.height ?? 220,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false },
          ...(chart.range === undefined ? {} : { y: { range: [...chart.range] as [number, number] } }),
        },
        axes: [
          { ...axis, label: chart.xLabel, labelFont: axis.font, labelSize: 22 },
          { ...axis, size: 52 },
        ],
        series: [
          {},
          ...chart.curves.map((curve) => ({
            label: curve.label,
            stroke: color(curve.color),
            width: 2,
            spanGaps: true,
            points: { show: false },
            ...(curve.dashed === true ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      this.#data(),
      host,
    );
  }
}

/** `<div class="chart" ${liveChart({ ... })}>` */
export const liveChart = directive(Live);
