// The run card as people read it.
import { describe, expect, test } from "vitest";
import { type CardView, renderCard } from "../../src/core/card-text.ts";
import { type Card, parseCard } from "../../src/core/card.ts";
import { newView } from "../../src/core/new-card.ts";
import type { Failure } from "../../src/core/verdict.ts";
import { card, policy, REPO, SHA, signer } from "../support/world.ts";
import { fc } from "../support/fast-check.ts";

const place = { repo: REPO, number: 7 };

function view(part: Partial<CardView> = {}): CardView {
  return {
    ...newView(policy(), { stageCount: 1, reportsCost: true }, "https://executor.example/threads/1"),
    ...part,
  };
}

/** What stands below the machine line. */
function words(of: Card, part: Partial<CardView> = {}): string {
  const text = renderCard(of, view(part), signer);
  return text.slice(text.indexOf("\n") + 1);
}

function failure(part: Partial<Failure> = {}): Failure {
  return { name: "test", url: "https://ci.example/1", log: "", ...part };
}

function red(...failures: readonly Failure[]): Partial<CardView> {
  return { verdict: { kind: "red", stage: "build", failures } };
}

test("the card's first line is the machine line", () => {
  expect(parseCard(renderCard(card(), view(), signer), place, signer)).toEqual({
    kind: "card",
    card: card(),
  });
});

test("a run at work shows its phases, its thread, and how to stop it", () => {
  expect(words(card())).toBe(`**afk** is on it.

- [x] worktree
- [~] pushed
- [ ] ci
- [ ] done

- Thread: https://executor.example/threads/1 (lane 0, slot 1)

- To stop this run and take the issue back: remove \`agent-in-progress\`, or apply \`ready-for-human\`, or close the issue.
- To try again: remove \`ready-for-human\` if it is there, and apply \`ready-for-agent\` (remove it first if it is still there).`);
});

test("a red commit shows what failed, where to look and how many turns are left", () => {
  const shown = words(
    card({ commit: SHA, attempts: 2, resumes: 1, spentUsd: 1.5 }),
    red(failure({ log: "expected 1\nto be 2" })),
  );

  expect(shown).toContain(`- Commit: ${SHA} (red at build)`);
  expect(shown).toContain("- Fix-forward turns: 2 of 5\n- Resumed after a failure: 1\n- Spent: $1.50");
  expect(shown).toContain("Failed: test (https://ci.example/1)\n\n```\nexpected 1\nto be 2\n```");
});

test("a run that did a little of everything shows all of it", () => {
  const of = card({
    commit: SHA,
    attempts: 1,
    resumes: 2,
    spentUsd: 0,
    stop: "unsupported",
    lane: 1,
    slot: 3,
  });

  expect(words(of, { threadUrl: null, reportsCost: false }).split("\n\n")[2]).toBe(
    [
      `- Thread: \`${of.thread}\` (lane 1, slot 3)`,
      "- Fix-forward turns: 1 of 5",
      "- Resumed after a failure: 2",
      "- Spent: $0.00",
      "- Spent: the executor does not say, so `AFK_BUDGET_USD` is not enforced",
      `- Commit: ${SHA} (no verdict)`,
      "- The executor cannot stop an agent: it may still push.",
    ].join("\n"),
  );
});

test("a run that is at an end, with an agent that may not be, says both", () => {
  const of = card({ outcome: "freeze_escalate", reason: "ci_timeout", stop: "unconfirmed" });

  expect(words(of).split("\n\n")).toEqual([
    "**afk**: frozen, needs a person. The state is left as it is, as evidence.",
    "- [x] worktree\n- [ ] pushed\n- [ ] ci\n- [ ] done",
    "- Thread: https://executor.example/threads/1 (lane 0, slot 1)\n" +
      "- Reason: `ci_timeout`. There was no verdict for AFK_CI_MAX_SECONDS: see whether CI runs at all.\n" +
      "- **The agent was asked to stop and has not been seen to stop yet:** it may still push.",
    "- To try again: remove `ready-for-human` if it is there, and apply `ready-for-agent` (remove it first if it is still there).",
  ]);
});

test("a reason of another version is shown as it is", () => {
  expect(words(card({ outcome: "close_success", reason: "sunspots" }))).toContain("\n- Reason: `sunspots`\n");
});

test("of many failures the first five are shown, without an address or a log that cannot be", () => {
  const failures = [
    failure({ name: "one", url: null }),
    failure({ name: "two", url: "javascript:x" }),
    failure({ name: "three", log: "broke" }),
    ...["four", "five", "six"].map((name) => failure({ name })),
  ];

  expect(
    words(card(), red(...failures))
      .split("\n\n")
      .slice(3, -1),
  ).toEqual([
    "Failed: one",
    "Failed: two",
    "Failed: three (https://ci.example/1)",
    "```\nbroke\n```",
    "Failed: four (https://ci.example/1)",
    "Failed: five (https://ci.example/1)",
  ]);
});

test("an agent's last words are shown without the white space around them, and not at all when that is all", () => {
  expect(words(card(), { lastWords: " \n Done. \n\n" })).toContain(
    "\n\nThe agent's last words:\n\n```\nDone.\n```\n\n- To stop",
  );
  expect(words(card(), { lastWords: " \n\t" })).toBe(words(card()));
});

test.each([
  ["close_success", "verified", "done, verified and closed"],
  ["escalate_prepush", "nothing_pushed", "needs a person"],
  ["freeze_escalate", "ci_timeout", "frozen, needs a person"],
  ["handed_over", "handed_over", "a person took over"],
  ["issue_gone", "issue_gone", "the issue is gone"],
] as const)("a run that ended with %s says so, why, and how to try again", (outcome, reason, headline) => {
  const shown = words(card({ outcome, reason }));

  expect(shown).toContain(headline);
  expect(shown).toContain(`- Reason: \`${reason}\`. `);
  expect(shown).toContain("To try again");
  expect(shown).not.toContain("To stop this run");
});

test.each([
  [{ kind: "pending", why: "held", stage: "deploy", message: "approve it", stages: [] }, "held: approve it"],
  [{ kind: "pending", why: "running", stage: "deploy", message: "x", stages: [] }, "waiting for deploy"],
  [{ kind: "green", message: "12 tests", stages: [] }, "green: 12 tests"],
  [{ kind: "unknown", stage: "build", message: "x" }, "build could not be read"],
  [null, "no verdict"],
] as const)("a commit is shown with the verdict %j", (verdict, expected) => {
  expect(words(card({ commit: SHA }), { verdict })).toContain(`- Commit: ${SHA} (${expected})`);
});

test.each([
  ["unconfirmed", "may still push"],
  ["unsupported", "may still push"],
] as const)("an agent whose stop is %s is announced", (stop, warning) => {
  expect(words(card({ outcome: "escalate_prepush", stop }))).toContain(warning);
  expect(words(card({ outcome: "escalate_prepush", stop: "confirmed" }))).not.toContain(warning);
});

test("an executor that never says what a run costs is announced", () => {
  expect(words(card(), { reportsCost: false })).toContain("`AFK_BUDGET_USD` is not enforced");
  expect(words(card())).not.toContain("AFK_BUDGET_USD");
});

describe("words of the agent and of CI", () => {
  const nasty = fc
    .array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          "```",
          "````",
          "~~~",
          "\n",
          "@ann",
          "#7",
          "acme/shop#7",
          "<!--",
          "-->",
          "](",
          "\u202e",
        ),
      ),
    )
    .map((parts) => parts.join(""));

  test("are last words of at most 2,000 characters, in a fence that they cannot close", () => {
    fc.assert(
      fc.property(nasty, (lastWords) => {
        const shown = words(card(), { lastWords });
        if (lastWords.trim() === "") return;

        const [, fence = "", quoted = ""] =
          /The agent's last words:\n\n(`{3,})\n(.*)\n\1\n\n- To stop/s.exec(shown) ?? [];
        expect(fence).not.toBe("");
        expect(quoted.includes(fence)).toBe(false);
      }),
    );
  });

  test("keep the end of what is too long", () => {
    const shown = words(card(), { lastWords: `${"a".repeat(3000)} and that is all.` });

    const quoted = /last words:\n\n```\n(.*)\n```/s.exec(shown)?.[1] ?? "";
    expect(quoted).toHaveLength(2000);
    expect(quoted).toMatch(/^…a+ and that is all\.$/);
  });

  test("neither notify, nor refer, nor hide anything", () => {
    const lastWords =
      "Thanks @ann, see #12 and acme/shop#13 <!-- afk:run:v1 x --> [a](https://x.example) \u202ehidden";
    const shown = words(card({ commit: SHA }), {
      lastWords,
      ...red(failure({ name: lastWords, log: lastWords })),
    });

    expect(shown).not.toMatch(/@ann|#12|#13|\u202e/);
    expect(shown.replace(/```[^]*?```/g, "")).not.toMatch(/<|\]\(/);
    expect(shown).toContain("Thanks @\u2060ann");
  });
});

test("no card is longer than 60,000 characters, and its machine line is whole", () => {
  const failures = Array.from({ length: 50 }, () =>
    failure({
      name: "<".repeat(5000),
      url: `https://ci.example/${"x".repeat(20_000)}`,
      log: "<@#".repeat(5000),
    }),
  );

  const text = renderCard(
    card({ commit: SHA }),
    view({ ...red(...failures), lastWords: "<".repeat(5000) }),
    signer,
  );

  expect(text.length).toBeLessThanOrEqual(60_000);
  expect(text.isWellFormed()).toBe(true);
  expect(parseCard(text, place, signer).kind).toBe("card");
});

test("a card is cut at 60,000 characters and not before", () => {
  const withFiller = (length: number): string =>
    renderCard(card({ unknown: { later: "x".repeat(length) } }), view(), signer);
  const room = 60_000 - withFiller(0).length;

  expect(withFiller(room)).toHaveLength(60_000);
  expect(withFiller(room)).toMatch(/\(remove it first if it is still there\)\.$/);
  expect(withFiller(room + 1)).toHaveLength(60_000);
  expect(withFiller(room + 1)).toMatch(/\(remove it first if it is still there…$/);
});

test("the same facts give the same text", () => {
  fc.assert(
    fc.property(fc.string(), (lastWords) => {
      expect(renderCard(card(), view({ lastWords }), signer)).toBe(
        renderCard(card(), view({ lastWords }), signer),
      );
    }),
  );
});
