// Reads what an agent printed: its closing word, what it cost, its conversation's id and what it said last.
import * as z from "zod/mini";
import { tail } from "../../core/text.ts";

/** One less than the limit: the ellipsis of a cut counts too. */
const MAX_WORDS = 3_999;

const claudeResultSchema = z.object({
  type: z.literal("result"),
  is_error: z.boolean(),
  subtype: z.catch(z.string(), ""),
  api_error_status: z.catch(z.nullable(z.number()), null),
  stop_reason: z.catch(z.nullable(z.string()), null),
  terminal_reason: z.catch(z.nullable(z.string()), null),
  result: z.catch(z.string(), ""),
  errors: z.catch(z.array(z.string()), []),
  permission_denials: z.catch(z.array(z.unknown()), []),
  total_cost_usd: z.catch(z.nullable(z.number()), null),
});

const claudeWordsSchema = z.object({
  type: z.literal("assistant"),
  message: z.object({ content: z.array(z.object({ type: z.string(), text: z.optional(z.string()) })) }),
});

const codexCompletedSchema = z.object({ type: z.literal("turn.completed") });

const codexFailedSchema = z.object({
  type: z.literal("turn.failed"),
  error: z.object({ message: z.string() }),
});

const codexWordsSchema = z.object({
  type: z.literal("item.completed"),
  item: z.object({ type: z.literal("agent_message"), text: z.string() }),
});

const conversationSchema = z.union([
  z.pipe(
    z.object({ type: z.literal("thread.started"), thread_id: z.string() }),
    z.transform((line) => line.thread_id),
  ),
  z.pipe(
    z.object({ type: z.literal("system"), session_id: z.uuid() }),
    z.transform((line) => line.session_id),
  ),
]);

export type ClaudeResult = Readonly<z.infer<typeof claudeResultSchema>>;

/** The agent's own last word on a turn. */
export type ClosingLine =
  | { readonly from: "claude"; readonly result: ClaudeResult }
  | { readonly from: "codex"; readonly failure: string | null };

/** Finds the line by which an agent ends its output; null when there is none, for example after a kill. */
export function readClosing(stdout: string): ClosingLine | null {
  for (const line of jsonLines(stdout.split("\n").toReversed())) {
    const claude = claudeResultSchema.safeParse(line);
    if (claude.success) return { from: "claude", result: claude.data };
    if (codexCompletedSchema.safeParse(line).success) return { from: "codex", failure: null };
    const failed = codexFailedSchema.safeParse(line);
    if (failed.success) return { from: "codex", failure: failed.data.error.message };
  }
  return null;
}

/** Dollars of one turn; null when the agent does not say. */
export function readCost(stdout: string): number | null {
  const closing = readClosing(stdout);
  return closing?.from === "claude" ? closing.result.total_cost_usd : null;
}

/** The id of the conversation, which stands in one of the first lines; null when the agent never began one. */
export function readConversation(head: string): string | null {
  for (const line of jsonLines(head.split("\n"))) {
    const found = conversationSchema.safeParse(line);
    if (found.success) return found.data;
  }
  return null;
}

/** Whether an agent that prints events has begun its work. */
export function hasBegun(stdout: string): boolean {
  return !jsonLines(stdout.split("\n")).next().done;
}

/** The end of what the agent said last, at most 4,000 characters; its raw output when it speaks no known language. */
export function readWords(stdout: string, stderr: string): string {
  for (const line of jsonLines(stdout.split("\n").toReversed())) {
    const words = wordsOf(line);
    if (words !== null) return tail(words, MAX_WORDS);
  }
  const raw = [stdout.trim(), stderr.trim()].filter((text) => text !== "").join("\n");
  return tail(raw, MAX_WORDS);
}

function wordsOf(line: unknown): string | null {
  const result = claudeResultSchema.safeParse(line);
  if (result.success) return nonEmpty(result.data.result) ?? nonEmpty(result.data.errors.join("\n"));
  const codex = codexWordsSchema.safeParse(line);
  if (codex.success) return nonEmpty(codex.data.item.text);
  const failed = codexFailedSchema.safeParse(line);
  if (failed.success) return nonEmpty(failed.data.error.message);
  const claude = claudeWordsSchema.safeParse(line);
  if (!claude.success) return null;
  return nonEmpty(claude.data.message.content.map((part) => part.text ?? "").join(""));
}

function nonEmpty(text: string): string | null {
  return text.trim() === "" ? null : text;
}

/** Every line that is a JSON object; other lines, such as a program's warnings, are passed over. */
function* jsonLines(lines: readonly string[]): Generator<unknown, undefined> {
  for (const line of lines) {
    const value = line.startsWith("{") ? parseLine(line) : undefined;
    if (value !== undefined) yield value;
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line that was cut at the edge of what was read, or no JSON after all: it says nothing.
    return undefined;
  }
}
