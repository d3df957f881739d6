// Starts a run: create (the lock), look, start, record, label (DESIGN section 3, dispatch protocol).
import { type CardReading, readCard } from "../core/card-reading.ts";
import { renderCard } from "../core/card-text.ts";
import { type PlacedThread, unrecordedRun } from "../core/fleet.ts";
import { failedGates, type RepoHealth } from "../core/gates.ts";
import { messageId, projectId, threadId } from "../core/identity.ts";
import { type IssueDetail, type IssueRef, issueName } from "../core/issue.ts";
import { newCard, newView } from "../core/new-card.ts";
import { type Unknown, unknown } from "../core/observation.ts";
import type { DispatchDecision } from "../core/plan.ts";
import { implementPrompt, type RunLine } from "../core/prompt.ts";
import { ranUnrecorded } from "../core/select.ts";
import { oneLine } from "../core/text.ts";
import { isLive, type Thread, type ThreadList } from "../core/thread.ts";
import { AfkError } from "../errors.ts";
import { placeThreads, readLive } from "../observe/threads.ts";
import { viewSetup } from "../plan/context.ts";
import type { Tools } from "../tools.ts";
import { type ActResult, done, skipped } from "./result.ts";

/** A slot whose id turned out to be archived or deleted is passed over this often in one tick. */
const SLOT_TRIES = 3;

/** Dispatches one issue. A lost lane is an outcome, not an error. */
export async function dispatch(decision: DispatchDecision, tools: Tools): Promise<ActResult> {
  const ref: IssueRef = { repo: decision.repo, number: decision.issue };
  const fresh = await freshIssue(decision, ref, tools);
  if ("result" in fresh) return fresh;
  const created = await createThread(decision, ref, tools);
  if ("result" in created) return created;
  const rival = await earlierRival(created, ref, decision.lane, tools);
  if (rival !== null) {
    await tools.executor.end(created.thread.id, "delete");
    return skipped("repo_busy", `Another tick was first: ${rival} holds the lane or the issue.`);
  }
  const earlier = unrecordedRun(placeThreads(tools, created.list, []), fresh.detail, fresh.card);
  if (earlier !== null) {
    await tools.executor.end(created.thread.id, "delete");
    return skipped("already_ran", ranUnrecorded(earlier));
  }
  const run: RunLine = {
    thread: created.thread.id,
    issue: ref,
    armed: decision.armed,
    body: decision.bodyHash,
    base: decision.facts.head,
  };
  const sent = await tools.executor.send({
    threadId: run.thread,
    repo: ref.repo,
    messageId: messageId(tools.digest, run.thread, { kind: "implement" }),
    text: implementPrompt(
      {
        run,
        title: fresh.detail.title,
        text: fresh.detail.body,
        facts: decision.facts,
        isolated: tools.executor.capabilities.isolated,
      },
      tools.signer,
    ),
    budgetUsd: tools.executor.capabilities.reportsCost ? tools.policyOf(ref.repo).budgetUsd : null,
  });
  if (sent === "gone" || sent === "busy")
    return skipped("repo_busy", `The thread ${run.thread} was taken away before it got its first message.`);
  const place = { repo: ref.repo, lane: decision.lane, slot: created.slot };
  const executor = { kind: tools.executorKind, id: await created.list.identify() };
  const policy = tools.policyOf(ref.repo);
  const card = newCard(run, place, created.thread.createdAt, executor);
  const text = renderCard(card, newView(policy, viewSetup(tools), created.thread.url), tools.signer);
  // The label comes last: a failed dispatch leaves no phantom lock.
  const commentId = fresh.card.kind === "valid" ? fresh.card.commentId : null;
  await tools.tracker.write({ kind: "write_card", ref, commentId, text });
  await tools.tracker.write({ kind: "add_label", ref, label: policy.inProgressLabel });
  return done("ready", `Started thread ${run.thread} in lane ${decision.lane}, slot ${created.slot}.`);
}

const HEALTHY: RepoHealth = {
  renamedTo: null,
  head: "healthy",
  message: "",
  frozen: [],
  frozenUnreadable: [],
};

/** Reads the one issue again right before acting: all its own gates, and the text that was approved. */
async function freshIssue(
  decision: DispatchDecision,
  ref: IssueRef,
  tools: Tools,
): Promise<ActResult | { readonly detail: IssueDetail; readonly card: CardReading }> {
  const readings = await tools.tracker.readIssues([ref]);
  const detail = readings.issues[0]?.detail;
  if (detail === undefined) throw unread(ref, unknown("contract", "The tracker gave no details."));
  if (!detail.known) throw unread(ref, detail);
  if (detail.value === null) return skipped("not_ready", "The issue is gone.");
  const card = readCard(detail.value, tools.signer);
  // The plan would have held an issue with such a card, so it was written since.
  if (card.kind === "valid" && card.card.outcome === null && card.card.armed === decision.armed)
    return skipped("in_progress", `Another tick was first: thread ${card.card.thread} works on the issue.`);
  const candidate = { issue: detail.value, detail, card, hasLiveThread: false, abandoned: true, cycle: [] };
  const gates = failedGates(candidate, HEALTHY, tools.policyOf(ref.repo), tools.digest);
  if (gates[0] !== undefined) return skipped(gates[0].reason, gates.map(({ message }) => message).join(" "));
  const isSame =
    detail.value.arming?.id === decision.armed &&
    detail.value.title === decision.detail.title &&
    detail.value.body === decision.detail.body;
  if (!isSame) return skipped("edited_after_label", "The issue changed while this tick looked at it.");
  return { detail: detail.value, card };
}

function unread(ref: IssueRef, { kind, message }: Unknown): Error {
  const sentence = `${issueName(ref)} could not be read again before its dispatch. ${message}`;
  return kind === "bug" ? new Error(sentence) : new AfkError(kind, sentence);
}

interface Created {
  readonly thread: Thread;
  readonly slot: number;
  /** Everything the executor had right after the creation. */
  readonly list: ThreadList;
}

/** Creates the first free slot's thread. What exists is settled by reading, never by the refusal alone. */
async function createThread(
  decision: DispatchDecision,
  ref: IssueRef,
  tools: Tools,
): Promise<ActResult | Created> {
  const title = `${issueName(ref)}: ${oneLine(decision.detail.title, 120)}`;
  const project = projectId(tools.digest, ref.repo);
  for (let slot = decision.slot; slot < decision.slot + SLOT_TRIES; slot += 1) {
    const id = threadId(tools.digest, { repo: ref.repo, lane: decision.lane, slot });
    const answer = await tools.executor.create({ threadId: id, projectId: project, repo: ref.repo, title });
    const list = await tools.executor.listThreads("all");
    const thread = list.threads.find((listed) => listed.id === id);
    if (thread === undefined)
      throw new AfkError("contract", `The executor made the thread ${id} and does not list it.`);
    if (answer === "created") return { thread, slot, list };
    if (isLive(thread))
      return skipped("repo_busy", `Another tick was first: lane ${decision.lane} is taken by ${id}.`);
  }
  return skipped(
    "repo_busy",
    `${SLOT_TRIES} slots of lane ${decision.lane} were used up meanwhile; the next tick looks again.`,
  );
}

/** Finds a live thread of ours that was made before this one for the same lane or the same issue. */
async function earlierRival(own: Created, ref: IssueRef, lane: number, tools: Tools): Promise<string | null> {
  const { list, thread } = own;
  const earlier = new Set(
    placeThreads(tools, list, [])
      .filter(
        (other) => other.place.repo === ref.repo && isLive(other.thread) && isEarlier(other.thread, thread),
      )
      .map((other) => other.thread.id),
  );
  const threads = list.threads.filter(({ id }) => earlier.has(id));
  const { ours } = await readLive(tools, { known: true, value: { ...list, threads } }, [], []);
  const rival = ours.find((other) => other.place.lane === lane || worksOn(other, ref));
  return rival?.thread.id ?? null;
}

function worksOn({ run, thread }: PlacedThread, ref: IssueRef): boolean {
  if (run !== null) return issueName(run.issue) === issueName(ref);
  return thread.title.startsWith(`${issueName(ref)}:`);
}

function isEarlier(a: Thread, b: Thread): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id);
}
