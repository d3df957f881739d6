// Whole runs in which every text that people, agents and servers write is hostile: from the ready label to the frozen card.
import { describe, expect, it } from "vitest";
import { parseTextBlockers } from "../../src/core/blockers.ts";
import { linesOutsideFences } from "../../src/core/markdown-lines.ts";
import { checkRun, status } from "../support/github/checks.ts";
import { CORPUS, type Hostile } from "./corpus.ts";
import { hostileWorld, type HostileWorld, ranProblems, READY } from "./world.ts";

const AT_ONCE = 40;
const batches = Array.from({ length: Math.ceil(CORPUS.length / AT_ONCE) }, (_, index) => ({
  from: index * AT_ONCE,
  texts: CORPUS.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
}));

/** One repo a text: it is title, body, label, comment and the name of everybody but the maintainer. */
function openWorld(texts: readonly Hostile[]): HostileWorld {
  const world = hostileWorld(texts.length);
  const { github } = world;
  texts.forEach(({ text }, index) => {
    const repo = world.names[index] ?? "";
    const stranger = { login: text, type: index % 2 === 0 ? "User" : "Bot" } as const;
    const number = github.open({ title: text, body: text, labels: [text, READY] }, repo);
    const issue = github.issue(number, repo);
    issue.labels.push(`priority:${text}`);
    issue.comments.push({
      id: 1,
      author: stranger,
      createdAt: "2026-11-20T08:00:00Z",
      body: text,
      versions: [],
    });
    // A second one that is held: a stranger wrote, labelled and edited it.
    const held = github.open(
      { title: text, body: text, labels: [READY], by: stranger, labeledBy: stranger },
      repo,
    );
    github.editBody(held, `Blocked by ${text}\nBlocked by #1\n${text}`, stranger, repo);
  });
  return world;
}

function push(world: HostileWorld, repo: string, text: string): void {
  const { github, t3 } = world;
  const threads = t3.store.agents.turns.filter(({ text: said }) => said.includes(`/${repo}#1 `));
  const threadId = threads.at(-1)?.threadId ?? "";
  const sha = github.push(`${text}\n\nAFK-Run: ${threadId}\nAFK-Phase: ${text}\nRefs #1\n`, { repo });
  const output = { title: text, summary: text, notes: [text] };
  const names = { name: text, workflow: text, event: text };
  github.setChecks(
    sha,
    [
      checkRun({ ...names, conclusion: "FAILURE", url: text, output }),
      checkRun({ name: "test", conclusion: "FAILURE", url: `https://ci.example/${text}`, output }),
      status({ context: text, state: "FAILURE", description: text, url: text }),
    ],
    repo,
  );
}

describe("a whole run on GitHub and T3", () => {
  it.each(batches)("survives the texts from $from on in every field", async ({ texts }) => {
    const world = openWorld(texts);
    const { github, t3 } = world;
    const problems: string[] = [];
    const finish = (): void => {
      for (const threadId of t3.store.agents.atWork) {
        const repo = /^afk-run \S+ \S+?\/acme\/r(\d+)#/.exec(
          t3.store.row(threadId).messages[0]?.text ?? "",
        )?.[1];
        const { text } = texts[Number(repo)] ?? { text: "" };
        push(world, `acme/r${repo}`, text);
        t3.store.agents.finish(threadId, text);
      }
      github.state.now += 400_000;
    };

    problems.push(...(await ranProblems(world, "poll")));
    const started = texts.filter(({ text }) => parseTextBlockers(text, "acme/x").length === 0);
    expect(t3.store.agents.turns.length).toBe(started.length);
    finish();
    problems.push(...(await ranProblems(world, "watch", "--json")));
    expect(t3.store.agents.turns.length).toBe(2 * started.length);
    finish();
    problems.push(...(await ranProblems(world, "watch")));
    problems.push(...(await ranProblems(world, "poll", "--json")));

    expect(problems).toEqual([]);
    expect(world.bells.length).toBe(started.length);
    texts.forEach((hostile, index) => {
      if (started.includes(hostile)) expectHarmless(world, index, hostile.name);
    });
  });
});

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2061-\u2069\ufeff]/;

/** What afk wrote for people and agents: nothing hidden, nothing live, nothing outside its fence. */
function expectHarmless(world: HostileWorld, index: number, name: string): void {
  const issue = world.github.issue(1, world.names[index]);
  const cards = issue.comments.filter(({ author }) => author?.login === "afk-account");
  expect(cards.length, name).toBe(1);
  const [line = "", ...rest] = cards[0]?.body.split("\n") ?? [];
  const below = rest.join("\n");
  expect(line, name).toMatch(/^<!-- afk:run:v1 \{[^<>]*\} hmac-sha256:[0-9a-f]{64} -->$/);
  expect(HIDDEN.exec(below)?.[0], name).toBeUndefined();
  const outside = linesOutsideFences(below);
  expect(outside.at(-1), name).toMatch(/^- To try again: /);
  // An address may hold anything: it is a link as a whole.
  const words = outside.join("\n").replace(/https?:\/\/\S+/g, "");
  expect(words, name).not.toMatch(/<!--|<[a-z/!]|@\w|#\d|\]\(|GH-\d/i);
  const [first, second] = world.t3.store.agents.turns.filter(({ text }) =>
    text.includes(`/acme/r${index}#1 `),
  );
  const said = linesOutsideFences(first?.text ?? "").slice(1);
  expect(said.join("\n"), name).toMatch(/^\nImplement the issue [^\n]+\n[^]*\nTitle:\n\n\nBody:\n\n$/);
  expect(said.length, name).toBe(24);
  expect(HIDDEN.exec(first?.text ?? "")?.[0], name).toBeUndefined();
  expect(second, name).toBeUndefined();
  const row = world.t3.store.row(first?.threadId ?? "");
  expect(HIDDEN.exec(row.title)?.[0], name).toBeUndefined();
}
