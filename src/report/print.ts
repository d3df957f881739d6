// Prints the report of a tick in the form that was asked for, and makes the one of a tick that a switch disabled.
import type { CommandName, Disabled, TickReport } from "../core/report.ts";
import { exitCode, noRequests } from "../core/report.ts";
import type { Output } from "../runtime.ts";
import { humanReport } from "./human.ts";
import { tickDocument } from "./json.ts";

/** Gives back the exit code that belongs to the report. */
export function printReport(
  report: TickReport,
  { quiet, json }: { readonly quiet: boolean; readonly json: boolean },
  stdout: Output,
): number {
  stdout.write(json ? tickDocument(report) : humanReport(report, { stdout, quiet }));
  return exitCode(report);
}

export function disabledReport(
  { command, at, dryRun }: { readonly command: CommandName; readonly at: number; readonly dryRun: boolean },
  disabled: Disabled,
): TickReport {
  return {
    command,
    at,
    dryRun,
    requests: noRequests,
    decisions: [],
    outcomes: [],
    gaps: [],
    disabled,
    interrupted: false,
  };
}
