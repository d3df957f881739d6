// Names what failed in a red pipeline, with links and the end of the first failed step's output.
import { stripVTControlCharacters } from "node:util";
import { oneLine, tail, visible } from "../../core/text.ts";
import type { Failure } from "../../core/verdict.ts";
import { AfkError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Place, Woodpecker } from "./client.ts";
import type { LogEntry, PipelineDetail, Step, Workflow } from "./schemas.ts";
import { hasFailed, wasStopped } from "./words.ts";

const MAX_FAILURES = 10;
const LOG_LINES = 40;
/** Characters have up to three bytes, and a failure's log may have 8 kB. */
const LOG_CHARACTERS = 2_500;
const SENTENCE_LENGTH = 300;
/** Standard output and standard error; the rest is about the step and not of it. */
const OUTPUT_TYPES: readonly number[] = [0, 1];

interface Found {
  readonly failure: Failure;
  /** Whose output would say more. */
  readonly step: Step | null;
}

/** Never empty; makes at most one request. */
export async function readFailures(
  woodpecker: Woodpecker,
  place: Place,
  pipeline: PipelineDetail,
  log: Log,
): Promise<readonly Failure[]> {
  const found = failuresOf(pipeline, (pid) => woodpecker.pageOf(place, pipeline.number, pid)).slice(
    0,
    MAX_FAILURES,
  );
  const first = found.findIndex(({ step }) => step !== null);
  const step = found[first]?.step ?? null;
  if (step === null) return found.map(({ failure }) => failure);
  const output = await readOutput(woodpecker, place, pipeline.number, step.id, log);
  return found.map(({ failure }, index) =>
    index === first
      ? { ...failure, log: [output, failure.log].filter((part) => part !== "").join("\n") }
      : failure,
  );
}

function failuresOf(pipeline: PipelineDetail, pageOf: (pid?: number) => string): readonly Found[] {
  const workflows = pipeline.workflows ?? [];
  const failed = workflows.filter(hasFailed);
  const parts = failed.length > 0 ? failed : workflows.filter(wasStopped);
  const errors = (pipeline.errors ?? []).filter(({ is_warning }) => !is_warning);
  const found = parts.flatMap((workflow) => partsOf(workflow, pageOf));
  if (found.length > 0 && errors.length === 0) return found;
  const said = errors.map(({ message }) => oneLine(message, SENTENCE_LENGTH)).join("\n");
  const whole = {
    name: `pipeline #${pipeline.number}`,
    url: pageOf(),
    log: tail(said, LOG_CHARACTERS) || endOf(pipeline),
  };
  return [{ failure: whole, step: null }, ...found];
}

function partsOf(workflow: Workflow, pageOf: (pid?: number) => string): readonly Found[] {
  const steps = workflow.children ?? [];
  const failed = steps.filter(hasFailed);
  const parts = failed.length > 0 ? failed : steps.filter(wasStopped);
  const name = oneLine(workflow.name, 100);
  if (parts.length === 0) {
    const log = oneLine(workflow.error, SENTENCE_LENGTH) || stateOf(workflow.state);
    return [{ failure: { name, url: pageOf(workflow.pid), log }, step: null }];
  }
  return parts.map((step) => {
    const how =
      oneLine(step.error, SENTENCE_LENGTH) ||
      (hasFailed(step) ? `The step ended with exit code ${step.exit_code}.` : stateOf(step.state));
    return {
      failure: { name: `${name} / ${oneLine(step.name, 100)}`, url: pageOf(step.pid), log: how },
      step,
    };
  });
}

function stateOf(state: string): string {
  return `Its state is "${state}".`;
}

function endOf({ status, cancel_info: info }: PipelineDetail): string {
  const user = oneLine(info?.canceled_by_user ?? "", 100);
  const step = oneLine(info?.canceled_by_step ?? "", 100);
  if (user !== "") return `The pipeline was cancelled by ${user}.`;
  if (step !== "") return `The pipeline was cancelled because its step ${step} failed.`;
  if (status === "declined") return "A person declined the pipeline.";
  return `The pipeline's status is "${status}".`;
}

async function readOutput(
  woodpecker: Woodpecker,
  place: Place,
  number: number,
  stepId: number,
  log: Log,
): Promise<string> {
  try {
    return outputOf(await woodpecker.readLog(place, number, stepId));
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    // The pipeline is red without it, and the link leads to it.
    log.debug(`The log of a failed step could not be read: ${error.message}`, { repo: place.repo });
    return "";
  }
}

function outputOf(entries: readonly LogEntry[]): string {
  const lines = entries
    .filter(({ type }) => OUTPUT_TYPES.includes(type))
    .slice(-LOG_LINES)
    .map(({ data }) =>
      Buffer.from(data ?? "", "base64")
        .toString("utf8")
        .replace(/\r?\n$/, ""),
    );
  return tail(visible(stripVTControlCharacters(lines.join("\n"))).trimEnd(), LOG_CHARACTERS);
}
