// The figures of a fuzz run as text.
import type { Failure, Report } from "./task.js";

/** One line for each target and one for all. */
export function table(reports: readonly Report[]): string {
  const lines = [
    "target          inputs  truncations   accepted    refused  by class                 slowest ms  largest bytes",
  ];
  for (const report of [...reports, total(reports)]) {
    const refused = Object.values(report.refused).reduce((sum, count) => sum + count, 0);
    const classes = Object.entries(report.refused)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
    const cells = [
      report.name.padEnd(12),
      String(report.inputs).padStart(9),
      String(report.truncations).padStart(12),
      String(report.accepted).padStart(10),
      String(refused).padStart(10),
      ` ${classes.padEnd(24)}`,
      report.slowestMs.toFixed(1).padStart(10),
      String(report.mostBytes).padStart(14),
    ];
    lines.push(cells.join(" "));
  }
  return lines.join("\n");
}

/** What went wrong and how to see it again. */
export function failureText(report: Report, seed: number): string {
  return report.failures.map((failure) => oneFailure(report.name, failure, seed)).join("\n");
}

function oneFailure(target: string, { kind, input, message, bytes }: Failure, seed: number): string {
  const number = /^input (\d+)$/.exec(input)?.[1];
  const again =
    number === undefined ? "" : `\n  again: npm run fuzz -- --target ${target} --seed ${seed} --input ${number}`;
  return `${target}, ${input}: ${kind}. ${message}${again}${bytes === "" ? "" : `\n  base64: ${bytes}`}`;
}

function total(reports: readonly Report[]): Report {
  return {
    name: "all",
    inputs: sum(reports.map((report) => report.inputs)),
    truncations: sum(reports.map((report) => report.truncations)),
    accepted: sum(reports.map((report) => report.accepted)),
    refused: { all: sum(reports.flatMap((report) => Object.values(report.refused))) },
    slowestMs: Math.max(...reports.map((report) => report.slowestMs)),
    mostBytes: Math.max(...reports.map((report) => report.mostBytes)),
    failures: [],
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
