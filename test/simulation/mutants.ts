// The fourteen planted bugs: what to change in the product's text, and nothing in the product itself.

export interface Patch {
  /** Below src. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export interface Mutant {
  readonly name: string;
  readonly about: string;
  readonly patches: readonly Patch[];
}

const NO_LOOK: Patch = {
  file: "act/dispatch.ts",
  find: "if (rival !== null) {",
  put: "if (rival !== null && Number(rival) > 0) {",
};

export const MUTANTS: readonly Mutant[] = [
  {
    name: "B1",
    about: "ids that differ from tick to tick, and labels as the lock",
    patches: [
      NO_LOOK,
      {
        file: "act/dispatch.ts",
        find: "const id = threadId(tools.digest, { repo: ref.repo, lane: decision.lane, slot });",
        put: "const places = globalThis as { planted?: number }; places.planted = (places.planted ?? 0) + 1; const id = threadId(tools.digest, { repo: ref.repo, lane: decision.lane, slot: slot + places.planted });",
      },
    ],
  },
  {
    name: "B2",
    about: "the repo's lock counts only issues that still carry the ready label",
    patches: [
      NO_LOOK,
      {
        file: "core/fleet.ts",
        find: "if (place.repo === repo && isLive(thread)) lanes",
        put: 'if (place.repo === repo && isLive(thread) && thread.title === "") lanes',
      },
      {
        file: "observe/poll.ts",
        find: "const { card } = issue.card;\n",
        put: "const { card } = issue.card;\n    if (!issue.detail.value.labels.includes(tools.policyOf(issue.ref.repo).readyLabel)) return [];\n",
      },
    ],
  },
  {
    name: "B3",
    about: "an escalation leaves the ready label, and nobody looks at the human label or at the card",
    patches: [
      {
        file: "core/terminal.ts",
        find: "if (issue.labels.includes(policy.readyLabel) && issue.arming?.id === card.armed) steps",
        put: 'if (card.outcome === "close_success" && issue.labels.includes(policy.readyLabel)) steps',
      },
      {
        file: "core/gates.ts",
        find: "if (issue.labels.includes(policy.humanLabel))",
        put: 'if (policy.humanLabel === "")',
      },
      {
        file: "core/gates.ts",
        find: "if (!isSameArming) return;",
        put: "if (!isSameArming || isSameArming) return;",
      },
    ],
  },
  {
    name: "B4",
    about: "attempts and clocks are forgotten between ticks",
    patches: [
      {
        file: "core/run-state.ts",
        find: "const attempts = Math.max(card.attempts, turns.fixForward);",
        put: "const attempts = Math.min(0, card.attempts, turns.fixForward);",
      },
      {
        file: "core/run-state.ts",
        find: "firstRedAt: red === null ? card.firstRedAt : (card.firstRedAt ?? iso(now)),",
        put: "firstRedAt: red === null ? null : iso(now),",
      },
    ],
  },
  {
    name: "B5",
    about: "time counts only when CI is red",
    patches: [
      {
        file: "core/next-action.ts",
        find: 'return thread === "running" && passed(',
        put: 'return thread === "lost" && passed(',
      },
      {
        file: "core/next-action.ts",
        find: "return secondsSince(state, state.startedAt) > policy.runMaxSeconds;",
        put: "return secondsSince(state, state.startedAt) > policy.runMaxSeconds * 1e6;",
      },
      {
        file: "core/next-action.ts",
        find: "if (secondsSince(state, state.startedAt) > allBudgets(policy))",
        put: "if (secondsSince(state, state.startedAt) > allBudgets(policy) * 1e6)",
      },
    ],
  },
  {
    name: "B6",
    about: "a failed or interrupted turn counts as work",
    patches: [
      {
        file: "executors/t3/state.ts",
        find: "  return ended(thread);\n}",
        put: '  if (["error", "interrupted"].includes(latestTurn?.state ?? "")) return active(thread);\n  return ended(thread);\n}',
      },
    ],
  },
  {
    name: "B7",
    about: "in-progress is removed before the issue is closed",
    patches: [
      {
        file: "act/finish.ts",
        find: "  const steps = detail === null",
        put: '  if (detail !== null) await tools.tracker.write({ kind: "remove_label", ref, label: policy.inProgressLabel });\n  const steps = detail === null',
      },
    ],
  },
  {
    name: "B8",
    about: "a blocker blocks whether it is open or not",
    patches: [
      {
        file: "trackers/github/blockers.ts",
        find: 'state: node.state === "CLOSED" ? "closed" : "open",',
        put: 'state: "open",',
      },
      {
        file: "trackers/github/blockers.ts",
        find: '    case "MERGED":\n      return "closed";',
        put: '    case "MERGED":\n      return "open";',
      },
    ],
  },
  {
    name: "B9",
    about: "trust from a field that the answer does not have",
    patches: [
      {
        file: "core/gates.ts",
        find: "if (!labeler.trusted) fail(gates, labeler.reason, labeler.message);",
        put: 'if (labeler.trusted) fail(gates, "untrusted_label", "No association."); else fail(gates, labeler.reason, labeler.message);',
      },
    ],
  },
  {
    name: "B10",
    about: "only the first page of a list is read",
    patches: [
      {
        file: "trackers/github/list.ts",
        find: "if (pageInfo.hasNextPage && pageInfo.endCursor !== null)",
        put: 'if (pageInfo.hasNextPage && pageInfo.endCursor === "")',
      },
    ],
  },
  {
    name: "B11",
    about: "every tick that waits makes a new comment",
    patches: [
      {
        file: "act/card.ts",
        find: "if (text === null || isNews(text, wanted)) {",
        put: 'if (text === null || isNews(text, wanted) || wanted !== "") {',
      },
      {
        file: "act/card.ts",
        find: "          commentId,\n",
        put: '          commentId: commentId === "" ? commentId : null,\n',
      },
    ],
  },
  {
    name: "B12",
    about: "the bell rings last, and once",
    patches: [
      {
        file: "act/finish.ts",
        find: "const rung = await ringOnce(decision, card, tools);",
        put: "const rung: Rung = { card, isMissing: false };",
      },
      {
        file: "act/finish.ts",
        find: "  return ended;\n}",
        put: "  await ringOnce(decision, card, tools);\n  return ended;\n}",
      },
    ],
  },
  {
    name: "B13",
    about: "a fix-forward starts a second thread beside the first",
    patches: [
      {
        file: "act/turn.ts",
        find: "  const answer = await tools.executor.send({\n    threadId: card.thread,",
        put: "  const second = `${card.thread.slice(0, -4)}${String(1000 + card.attempts)}`;\n  await tools.executor.create({ threadId: second, projectId: second, repo: decision.repo, title: decision.title });\n  const answer = await tools.executor.send({\n    threadId: second,",
      },
    ],
  },
  {
    name: "B14",
    about: "titles and texts reach prompts and logs raw",
    patches: [
      {
        file: "core/text.ts",
        find: "export function visible(text: string): string {",
        put: 'export function visible(text: string): string {\n  if (text !== "") return text;',
      },
    ],
  },
];
