// Tells people what a tick did: a table on a terminal, one line per decision in a pipe, and always a summary.
import type { Finding } from "../adapter.ts";
import type { ReportedDecision, TickReport } from "../core/report.ts";
import type { Output } from "../runtime.ts";
import { escapeText } from "./escape.ts";
import { table } from "./table.ts";

export interface HumanOptions {
  readonly stdout: Pick<Output, "isTTY" | "columns">;
  /** Only what went wrong. */
  readonly quiet: boolean;
}

/** The report as text, with a line break after each line; empty only when `quiet` has nothing to tell. */
export function humanReport(report: TickReport, options: HumanOptions): string {
  const trouble = troubleLines(report);
  if (options.quiet) return joined(trouble);
  if (report.disabled !== null)
    return joined([`${report.command}: disabled: ${escapeText(report.disabled.message)}`]);
  return joined([
    ...decisionLines(report.decisions, options),
    ...skippedLines(report),
    ...trouble,
    summary(report),
  ]);
}

/** The findings of `--check` and their sum, one line each. */
export function humanFindings(findings: readonly Finding[], options: HumanOptions): string {
  const wrong = findings.filter((finding) => finding.result !== "ok" && finding.result !== "warning");
  const warnings = findings.filter((finding) => finding.result === "warning");
  const lines = (options.quiet ? wrong : findings).map((finding) =>
    escapeText(
      `${finding.result === "ok" ? "ok" : words(finding.result)}: ${finding.on}: ${finding.message}`,
    ),
  );
  if (options.quiet) return joined(lines);
  return joined([
    ...lines,
    `check: ${count(wrong.length, "problem")}, ${count(warnings.length, "warning")}.`,
  ]);
}

function words(result: Exclude<Finding["result"], "ok">): string {
  switch (result) {
    case "warning":
      return "warning";
    case "config":
      return "wrong";
    case "transport":
      return "unreachable";
    case "contract":
      return "unexpected answer";
  }
}

function decisionLines(decisions: readonly ReportedDecision[], options: HumanOptions): readonly string[] {
  if (!options.stdout.isTTY || decisions.length === 0) return decisions.map(decisionLine);
  const rows = decisions.map((decision) => ({
    cells: [place(decision), decision.action, decision.reason].map(escapeText),
    text: escapeText(decision.message),
  }));
  return table({
    head: ["ISSUE", "ACTION", "REASON", "MESSAGE"],
    rows,
    columns: options.stdout.columns ?? 80,
  });
}

function decisionLine(decision: ReportedDecision): string {
  return escapeText(`${place(decision)} ${decision.action} (${decision.reason}): ${decision.message}`);
}

function skippedLines(report: TickReport): readonly string[] {
  const skipped = report.outcomes.filter((outcome) => outcome.result === "skipped");
  return skipped.map((outcome) =>
    escapeText(`skipped: ${place(outcome)} ${outcome.action} (${outcome.reason}): ${outcome.message}`),
  );
}

function troubleLines(report: TickReport): readonly string[] {
  const failed = report.outcomes.filter((outcome) => outcome.result === "failed");
  return [
    ...failed.map((outcome) =>
      escapeText(`failed: ${place(outcome)} ${outcome.action} (${outcome.reason}): ${outcome.message}`),
    ),
    ...report.gaps.map((gap) => escapeText(`unknown: ${gap.on} (${gap.kind}): ${gap.message}`)),
  ];
}

function summary(report: TickReport): string {
  const name = report.dryRun ? `${report.command} (dry run, nothing was changed)` : report.command;
  const failed = report.outcomes.filter((outcome) => outcome.result === "failed").length;
  const parts = [
    report.decisions.length === 0 ? "nothing to do" : actions(report.decisions),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(report.gaps.length === 0 ? [] : [count(report.gaps.length, "gap")]),
    count(report.requests.total, "request"),
  ];
  const early = report.interrupted ? " The tick had to end early; the next one goes on." : "";
  return escapeText(`${name}: ${parts.join(", ")}.${early}`);
}

/** For example `1 dispatch, 3 hold`. */
function actions(decisions: readonly ReportedDecision[]): string {
  const names = [...new Set(decisions.map((decision) => decision.action))];
  return names
    .map((name) => `${decisions.filter((decision) => decision.action === name).length} ${name}`)
    .join(", ");
}

function place(where: { readonly repo: string; readonly issue: number | null }): string {
  return where.issue === null ? where.repo : `${where.repo}#${where.issue}`;
}

/** For example `1 request` or `2 requests`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
