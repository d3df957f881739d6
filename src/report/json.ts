// The one JSON document that every run with --json prints on stdout (DESIGN section 7); changes only add to it.
import type { Finding } from "../adapter.ts";
import type { CommandName, RequestCounts, TickReport } from "../core/report.ts";
import type { FailureKind } from "../core/observation.ts";
import { escapeJson } from "./escape.ts";

export interface ReportedError {
  readonly kind: FailureKind;
  readonly message: string;
  /** For a wrong configuration: every mistake by itself. */
  readonly problems?: readonly object[];
}

/** What every document has, whatever happened. */
export interface DocumentHead {
  readonly command: CommandName | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dryRun: boolean;
  readonly requests: RequestCounts;
}

export function tickDocument(report: TickReport): string {
  return document(report, report);
}

export function checkDocument(head: DocumentHead, findings: readonly Finding[]): string {
  return document(head, { findings });
}

export function errorDocument(head: DocumentHead, error: ReportedError): string {
  return document(head, { error });
}

/** For --help and --version, whose text is for people. */
export function textDocument(head: DocumentHead, text: string): string {
  return document(head, { text });
}

interface Additions {
  readonly decisions?: TickReport["decisions"];
  readonly outcomes?: TickReport["outcomes"];
  readonly gaps?: TickReport["gaps"];
  readonly disabled?: TickReport["disabled"];
  readonly interrupted?: boolean;
  readonly findings?: readonly Finding[];
  readonly text?: string;
  readonly error?: ReportedError;
}

function document(head: DocumentHead, additions: Additions): string {
  const {
    decisions = [],
    outcomes = [],
    gaps = [],
    disabled,
    interrupted,
    findings,
    text,
    error,
  } = additions;
  // JSON leaves out what is undefined.
  const json = escapeJson({
    schema: 1,
    command: head.command,
    at: new Date(head.at).toISOString(),
    dryRun: head.dryRun,
    decisions: decisions.map((decision) => ({
      repo: decision.repo,
      issue: decision.issue,
      action: decision.action,
      reason: decision.reason,
      message: decision.message,
      thread: decision.thread,
      url: decision.url,
      gates: decision.gates,
    })),
    outcomes: outcomes.map((outcome) => ({
      repo: outcome.repo,
      issue: outcome.issue,
      action: outcome.action,
      result: outcome.result,
      reason: outcome.reason,
      message: outcome.message,
      kind: outcome.kind,
    })),
    gaps: gaps.map((gap) => ({ on: gap.on, kind: gap.kind, message: gap.message })),
    requests: head.requests,
    disabled: disabled ?? undefined,
    interrupted: interrupted === true ? true : undefined,
    findings,
    text,
    error,
  });
  return `${json}\n`;
}
