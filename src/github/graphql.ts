// What a GraphQL answer means: GitHub answers in parts, and an error blinds only what its path names.
import * as z from "zod/mini";
import { type FailureKind, type Unknown, unknown } from "../core/observation.ts";
import { oneLine } from "../core/text.ts";

const Problem = z.object({
  type: z.nullish(z.string()),
  message: z.string(),
  path: z.nullish(z.array(z.union([z.string(), z.number()]))),
  extensions: z.nullish(z.object({ code: z.nullish(z.string()), fieldName: z.nullish(z.string()) })),
});
export type GraphqlProblem = z.infer<typeof Problem>;

export const GraphqlEnvelope = z.object({
  data: z.nullish(z.record(z.string(), z.unknown())),
  errors: z.nullish(z.array(Problem)),
});

export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly problems: readonly GraphqlProblem[];
}

const LIMIT_TYPES = new Set(["RATE_LIMITED", "RATE_LIMIT"]);

export function saysLimited(problem: GraphqlProblem): boolean {
  return LIMIT_TYPES.has(problem.type ?? "") || /secondary rate limit/i.test(problem.message);
}

/** GitHub gave up on the query; what it answered so far is of no use. */
export function saysTooMuch(problem: GraphqlProblem): boolean {
  return (
    problem.type === "RESOURCE_LIMITS_EXCEEDED" ||
    /^something went wrong while executing/i.test(problem.message)
  );
}

/** The field that a server does not have, if that is what the error says. */
export function missingField(problem: GraphqlProblem): string | null {
  if (problem.extensions?.code === "undefinedField") return problem.extensions.fieldName ?? null;
  return /^Field '(\w+)' doesn't exist on type '\w+'/.exec(problem.message)?.[1] ?? null;
}

/** The first error about this place or anything below it; one without a path is about everything. */
export function problemAt(answer: GraphqlAnswer, ...path: readonly string[]): GraphqlProblem | null {
  return (
    answer.problems.find(
      (problem) => problem.path === null || problem.path === undefined || startsWith(problem.path, path),
    ) ?? null
  );
}

/** The first error exactly at this place. */
export function problemExactlyAt(answer: GraphqlAnswer, ...path: readonly string[]): GraphqlProblem | null {
  return (
    answer.problems.find(
      (problem) => problem.path?.length === path.length && startsWith(problem.path, path),
    ) ?? null
  );
}

function startsWith(path: readonly (string | number)[], start: readonly string[]): boolean {
  return start.every((step, index) => path[index] === step);
}

/** An error as an observation about the thing that it blinds. */
export function blinded(what: string, problem: GraphqlProblem | null): Unknown {
  if (problem === null) return unknown("contract", `GitHub gave nothing about ${what} and no reason.`);
  if (problem.type === "NOT_FOUND")
    return unknown(
      "config",
      `GitHub does not show ${what} to this token: check its name in AFK_ALLOWLIST and the token's access to it.`,
    );
  return unknown(
    kindOf(problem),
    `GitHub could not read ${what}: ${oneLine(problem.message).replace(/\.$/, "")}.`,
  );
}

function kindOf(problem: GraphqlProblem): FailureKind {
  return ["FORBIDDEN", "INSUFFICIENT_SCOPES", "UNAUTHORIZED"].includes(problem.type ?? "")
    ? "config"
    : "transport";
}

/** Reads one part of an answer; the sentence of a misfit holds no value of the answer. */
export function partOf<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T | Unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = oneLine(parsed.error.issues[0]?.path.join(".") ?? "", 80) || "the whole";
  return unknown("contract", `GitHub answered about ${what} in a shape that afk does not know (${where}).`);
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && "known" in value && value.known === false;
}
