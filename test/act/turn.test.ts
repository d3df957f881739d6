// What a further turn records on the card and sends to the agent, also when an earlier tick died between the two.
import { describe, expect, test } from "vitest";
import { resume } from "../../src/act/turn.ts";
import type { Card } from "../../src/core/card.ts";
import { readCard } from "../../src/core/card-reading.ts";
import { messageId } from "../../src/core/identity.ts";
import { known } from "../../src/core/observation.ts";
import type { RunDecision } from "../../src/core/plan.ts";
import { turnsIn } from "../../src/core/prompt.ts";
import type { Message, NewTurn, ThreadDetail, ThreadState } from "../../src/core/thread.ts";
import { decideIssue, type WatchContext, type WatchedIssue } from "../../src/core/watch.ts";
import { digest } from "../../src/digest.ts";
import type { Tools } from "../../src/tools.ts";
import {
  after,
  card,
  cardComment,
  facts,
  idAt,
  issue,
  policy,
  reading,
  REPO,
  signer,
  threadDetail,
} from "../support/world.ts";

const NOW = after(1000);
const LOST: ThreadState = { kind: "error", cause: "lost_turn", mayPass: true, message: "Nobody took it up." };
const OVERLOADED: ThreadState = { kind: "error", cause: "overloaded", mayPass: true, message: "529" };
const RESUME_1 = messageId(digest, idAt(), { kind: "resume", number: 1 });

const context: WatchContext = {
  policyOf: () => policy(),
  signer,
  executor: { kind: "process", id: "executor-1" },
  setup: { stageCount: 1, reportsCost: true },
};

/** One look at a run and what follows from it; `dies`: the tick dies behind the card. */
async function tick(
  ofCard: Partial<Card>,
  thread: ThreadDetail,
  dies = false,
): Promise<{ readonly sent: readonly NewTurn[]; readonly recorded: Card }> {
  const before = card(ofCard);
  const text = cardComment(before).text;
  const watched: WatchedIssue = {
    ref: { repo: REPO, number: 7 },
    now: NOW,
    detail: known(issue({ labels: ["agent-in-progress"] })),
    card: reading(before, { text }),
    live: [],
    thread: known(thread),
    landed: known([]),
    stages: [],
    facts,
  };
  const [decision] = decideIssue(watched, context);
  if (decision?.action !== "resume") throw new Error(`It was decided to ${decision?.action}.`);
  const sent: NewTurn[] = [];
  let written = text;
  const tools = toolsFor({
    write: (next) => (written = next),
    send: (turn) => {
      if (dies) throw new Error("The tick is dead.");
      sent.push(turn);
    },
  });
  await resume(decision satisfies RunDecision, watched, tools).catch(() => undefined);
  const found = readCard(issue({ cards: [cardComment(before, { text: written })] }), signer);
  if (found.kind !== "valid") throw new Error("The card that was written cannot be read.");
  return { sent, recorded: found.card };
}

function toolsFor(world: { write: (text: string) => void; send: (turn: NewTurn) => void }): Tools {
  const never = (): never => {
    throw new Error("A turn needs nothing of this.");
  };
  return {
    tracker: {
      listIssues: never,
      readIssues: never,
      readCardTexts: async () => [],
      readLanded: never,
      write: async (change) => {
        if (change.kind === "write_card") world.write(change.text);
        return "comment-1";
      },
    },
    executor: {
      capabilities: { isolated: true, canInterrupt: true, reportsCost: false },
      listThreads: never,
      readThread: never,
      create: never,
      send: async (turn) => {
        world.send(turn);
        return "sent";
      },
      end: never,
    },
    executorKind: "process",
    stages: [],
    notifiers: [],
    allowlist: [REPO],
    policyOf: () => policy(),
    digest,
    signer,
    clock: { now: () => NOW, sleep: never },
    log: { debug: never, info: never, warn: never },
    deadline: new AbortController().signal,
  };
}

/** A thread whose messages are these. */
function threadOf(state: ThreadState, messages: readonly Pick<Message, "id" | "text">[]): ThreadDetail {
  return threadDetail({
    state,
    since: after(200),
    messages: messages.map((message, index) => ({ ...message, at: after(index) })),
  });
}

const FIRST = { id: "message-0", text: "afk-run and all that was approved" };

describe("a turn that nobody took up", () => {
  test("is sent again with its whole text, as a message that can be told from the first", async () => {
    const { sent, recorded } = await tick({}, threadOf(LOST, [FIRST]));

    expect(sent.map((turn) => turn.messageId)).toEqual([RESUME_1]);
    expect(sent[0]?.text.split("\n").slice(1)).toEqual(["", FIRST.text]);
    const thread = threadOf(LOST, [FIRST, { id: RESUME_1, text: sent[0]?.text ?? "" }]);
    expect(turnsIn(thread, signer).resumes).toBe(1);
    expect([recorded.resumes, recorded.turnAt]).toEqual([1, new Date(NOW).toISOString()]);
  });

  test("is sent under the same number when the tick before died behind the card", async () => {
    const thread = threadOf(LOST, [FIRST]);
    const dead = await tick({}, thread, true);
    expect([dead.sent, dead.recorded.resumes]).toEqual([[], 1]);

    const { sent, recorded } = await tick({ resumes: 1 }, thread);

    expect(sent.map((turn) => turn.messageId)).toEqual([RESUME_1]);
    expect(recorded.resumes).toBe(1);
  });

  test("is not sent a third time", async () => {
    const { sent } = await tick({}, threadOf(LOST, [FIRST]));
    const again = threadOf(LOST, [FIRST, { id: RESUME_1, text: sent[0]?.text ?? "" }]);

    await expect(tick({ resumes: 1 }, again)).rejects.toThrow("It was decided to escalate_prepush.");
  });
});

test("a turn after a failure is sent under the number that the card of a dead tick says", async () => {
  const thread = threadOf(OVERLOADED, [FIRST]);

  const { sent, recorded } = await tick({ resumes: 1 }, thread);

  expect(sent.map((turn) => turn.messageId)).toEqual([RESUME_1]);
  expect(sent[0]?.text).not.toContain(FIRST.text);
  expect(recorded.resumes).toBe(1);
});
