// The judge: looks at the world after every request and every deed, and knows nothing of afk's own code.
import { createHash } from "node:crypto";
import type { Issue } from "../support/github/state.ts";
import type { Coverage } from "./coverage.ts";
import type { Exchange } from "./exchange.ts";
import type { SimTick } from "./loop.ts";
import { judgeSurplus } from "./oracle-ends.ts";
import { judgeWrite } from "./oracle-writes.ts";
import { FORBIDDEN, HUMAN, READY, REPOS, SECRETS, type SimWorld } from "./world.ts";

export interface Violation {
  readonly invariant: string;
  readonly message: string;
}

/** What the judge remembers of one tick. */
export interface TickView {
  readonly tick: SimTick;
  readonly killed: boolean;
  /** By issue: the moment of the state that its last full read showed. */
  readonly reads: Map<string, number>;
  /** The earliest moment that any of its reads can have shown. */
  oldest: number;
  dispatched: number;
}

export interface Judge {
  readonly world: SimWorld;
  readonly coverage: Coverage;
  readonly violations: Violation[];
  /** Counts requests and deeds. */
  moment: number;
  readonly views: Map<number, TickView>;
  /** By arming and text, by issue, by commit: the last moment at which it was trusted, unblocked, green. */
  readonly last: Map<string, number>;
  /** When each event of an issue's timeline happened. */
  readonly eventMoments: Map<string, number>;
  /** By arming: the threads that got a first turn. */
  readonly armings: Map<string, Set<string>>;
  /** By thread: the outcomes that its cards were given, with the moment. */
  readonly outcomes: Map<string, Map<string, number>>;
  /** By text: when a card was last written so. */
  readonly cardMoments: Map<string, number>;
  /** Threads whose bell failed three times, so that nobody tries it again. */
  readonly unheard: Set<string>;
  /** Issues whose card a person deleted or damaged. */
  readonly tampered: Set<string>;
  /**
   * The runs (thread and issue) whose end a slower tick wrote over. `isLeft`: that tick died, or said that it failed, before
   * it had put the end back.
   */
  readonly overwritten: Map<string, { readonly by: TickView; readonly isLeft: boolean }>;
  /** The runs to which a tick added a second card with another end, because it could not see the first one yet. */
  readonly surplus: Map<string, TickView>;
  fail(invariant: string, message: string): void;
}

export function createJudge(world: SimWorld, coverage: Coverage): Judge {
  const judge: Judge = {
    world,
    coverage,
    violations: [],
    moment: 0,
    views: new Map(),
    last: new Map(),
    eventMoments: new Map(),
    armings: new Map(),
    outcomes: new Map(),
    cardMoments: new Map(),
    unheard: new Set(),
    tampered: new Set(),
    overwritten: new Map(),
    surplus: new Map(),
    fail(invariant, message) {
      if (judge.violations.length < 20) judge.violations.push({ invariant, message });
    },
  };
  return judge;
}

export function tickStarted(judge: Judge, tick: SimTick): void {
  const killed = judge.world.settings["AFK_KILL_SWITCH"] === "true" && tick.command === "poll";
  judge.views.set(tick.id, {
    tick,
    killed,
    reads: new Map(),
    oldest: judge.moment,
    dispatched: 0,
  });
  if (killed) judge.coverage.hit("antecedent", "S3");
  worldChanged(judge);
}

/** Called after every deed and every request. */
export function worldChanged(judge: Judge): void {
  const { world } = judge;
  judge.moment += 1;
  for (const name of REPOS)
    for (const issue of world.repo(name).issues.values()) {
      const key = `${name}#${issue.number}`;
      for (const event of issue.timeline.toReversed()) {
        if (judge.eventMoments.has(event.id)) break;
        judge.eventMoments.set(event.id, judge.moment);
      }
      const arming = trustedArming(world, issue);
      if (arming !== null) judge.last.set(`trusted ${arming}`, judge.moment);
      if (!isBlocked(world, issue)) judge.last.set(`free ${key}`, judge.moment);
    }
  for (const name of REPOS)
    for (const commit of world.repo(name).commits) {
      const [first] = commit.checks;
      if (first?.kind === "run" && first.conclusion === "SUCCESS")
        judge.last.set(`green ${commit.oid}`, judge.moment);
    }
  countLiveRuns(judge);
}

/** The last application of the ready label with the hash of the text, if a trusted person stands behind both. */
export function trustedArming({ github }: SimWorld, issue: Issue): string | null {
  const last = issue.timeline.findLast((event) => event.kind === "LabeledEvent" && event.label === READY);
  if (last === undefined || !issue.open || !issue.labels.includes(READY) || issue.labels.includes(HUMAN))
    return null;
  if (last.actor?.login !== github.people.maintainer.login) return null;
  const isStranger = (login: string | undefined): boolean => login !== github.people.maintainer.login;
  if (issue.edits.some(({ editedAt, editor }) => editedAt >= last.createdAt && isStranger(editor?.login)))
    return null;
  const renamed = issue.timeline.some(
    (event) =>
      event.kind === "RenamedTitleEvent" &&
      event.createdAt >= last.createdAt &&
      isStranger(event.actor?.login),
  );
  return renamed ? null : `${last.id}|${textHash(issue)}`;
}

const hashes = new Map<string, string>();

export function textHash({ title, body }: Pick<Issue, "title" | "body">): string {
  const text = `${title}\n${body}`;
  const hash = hashes.get(text) ?? createHash("sha256").update(text, "utf8").digest("hex");
  // Asked for every issue after every request, and there are few texts.
  if (hashes.size > 1000) hashes.clear();
  hashes.set(text, hash);
  return hash;
}

export function isBlocked(world: SimWorld, issue: Issue): boolean {
  if (issue.hiddenBlockers > 0 || issue.body.includes(`Blocked by ${FORBIDDEN}`)) return true;
  const repo = world.state.repos.find(({ issues }) => issues.get(issue.number) === issue);
  const isOpen = (number: number): boolean => repo?.issues.get(number)?.open === true;
  // One that was deleted cannot be read any more, and so it blocks for ever.
  if (/^Blocked by #1$/m.test(issue.body) && repo?.issues.get(1)?.open !== false) return true;
  if (issue.subIssues.some(isOpen)) return true;
  return issue.blockedBy.some((ref) => world.issue(ref.repo, ref.number)?.open === true);
}

/** The last part of the directory in which a thread works: `owner__name`. */
export function repoOfThread({ t3 }: SimWorld, thread: string): string {
  const project = t3.store.projectRows().find(({ id }) => id === t3.store.row(thread).projectId);
  return project?.workspaceRoot.split("/").at(-1) ?? "";
}

/** S1: agents that really work on a repo and that no person keeps at work. */
function countLiveRuns(judge: Judge): void {
  const { world } = judge;
  const { store } = world.t3;
  if (store.agents.atWork.size < 1) return;
  const byRepo = new Map<string, string[]>();
  for (const thread of store.agents.atWork) {
    if (isPersons(judge, thread)) continue;
    const name = repoOfThread(world, thread);
    byRepo.set(name, [...(byRepo.get(name) ?? []), thread]);
  }
  for (const [name, threads] of byRepo) {
    judge.coverage.hit("antecedent", "S1");
    const most = Number(world.settings["AFK_MAX_PER_REPO"] ?? 1);
    if (threads.length > most)
      judge.fail("S1", `${threads.length} agents work on ${name}: ${threads.join(", ")}.`);
  }
}

/** A person talked to the agent, put its thread away, or took its issue back: what it does is no run of afk's. */
function isPersons(judge: Judge, thread: string): boolean {
  const { store } = judge.world.t3;
  const row = store.row(thread);
  const sent = row.messages.filter(({ role }) => role === "user");
  if (sent.some(({ text }) => !text.startsWith("afk-"))) return true;
  const archived = store.done.findLast((one) => one.type === "thread.archive" && one.threadId === thread);
  if (row.archivedAt !== null && archived?.commandId.startsWith("person-") === true) return true;
  const run = /^afk-run \S+ (\S+)#(\d+) /.exec(sent[0]?.text ?? "");
  const issue = run === null ? null : judge.world.issue(run[1] ?? "", Number(run[2]));
  const login = judge.world.github.people.afk.login;
  return (
    issue?.timeline.some(
      (event) =>
        event.kind === "UnlabeledEvent" &&
        event.label === "agent-in-progress" &&
        event.actor?.login !== login &&
        Date.parse(event.createdAt) + 1000 > Date.parse(row.createdAt),
    ) === true
  );
}

/** Judges a request before it is carried out. */
export function requestMade(judge: Judge, view: TickView, exchange: Exchange): void {
  const { coverage } = judge;
  if (view.killed) judge.fail("S3", `A poll with the kill switch on asked ${exchange.endpoint}.`);
  const names = namesIn(exchange);
  if (names.some((name) => name.toLowerCase().includes(FORBIDDEN.split("/")[1] ?? "")))
    judge.fail("S5", `${exchange.endpoint} names ${FORBIDDEN}.`);
  coverage.hit("antecedent", "S5");
  for (const secret of SECRETS)
    if (exchange.text.includes(secret) || exchange.url.href.includes(secret))
      judge.fail("S13", `${exchange.endpoint} carries a secret.`);
}

/** What a request names: the path, the variables of a query, the fields of a command that are not prose. */
function namesIn(exchange: Exchange): readonly string[] {
  const names = [exchange.url.pathname];
  if (exchange.endpoint.startsWith("t3.project")) names.push(exchange.text);
  if (exchange.url.pathname !== "/graphql") return names;
  const { variables = {} } = exchange.body as { readonly variables?: Readonly<Record<string, unknown>> };
  return [...names, ...Object.values(variables).map(String)];
}

/** Judges what a request did. `staleMoment`: the answer showed the world as it was then. */
export function requestAnswered(
  judge: Judge,
  view: TickView,
  exchange: Exchange,
  before: ReadonlyMap<string, string>,
  staleMoment: number | null,
): void {
  if (staleMoment !== null) view.oldest = Math.min(view.oldest, staleMoment);
  if (exchange.endpoint === "github.Details") rememberReads(judge, view, exchange, staleMoment);
  if (exchange.isWrite) judgeWrite(judge, view, exchange, before);
  worldChanged(judge);
  for (const violation of judge.world.violations.splice(0)) judge.fail("CONTRACT", violation);
}

function rememberReads(judge: Judge, view: TickView, { body }: Exchange, staleMoment: number | null): void {
  const { variables } = body as { readonly variables: Readonly<Record<string, unknown>> };
  for (const [key, number] of Object.entries(variables)) {
    const group = /^i(\d+)_(\d+)$/.exec(key)?.[1];
    if (group === undefined) continue;
    const name = `${String(variables[`o${group}`])}/${String(variables[`n${group}`])}#${String(number)}`;
    view.reads.set(name, staleMoment ?? judge.moment);
  }
}

export const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;

interface Report {
  readonly decisions?: readonly {
    readonly action: string;
    readonly reason: string;
    readonly gates?: readonly { readonly reason: string }[];
  }[];
  readonly outcomes?: readonly { readonly result: string }[];
}

/** Judges what a tick said when it was over, and counts what it decided. */
export function tickOver(judge: Judge, tick: SimTick): void {
  const view = judge.views.get(tick.id);
  if (tick.exitCode !== 0)
    for (const [run, { by }] of judge.overwritten)
      if (by === view) judge.overwritten.set(run, { by, isLeft: true });
  if (view !== undefined && tick.exitCode === 0) judgeSurplus(judge, view);
  judge.views.delete(tick.id);
  if (tick.phase === "dead") return;
  if (tick.exitCode === 1)
    judge.fail("BUG", `${tick.command} ended with 1: ${(tick.stderr || tick.stdout).slice(0, 600)}`);
  for (const secret of SECRETS)
    if (tick.stdout.includes(secret) || tick.stderr.includes(secret))
      judge.fail("S13", "A secret was printed.");
  for (const line of tick.stderr.split("\n"))
    if (CONTROL.test(line))
      judge.fail("S14", `A log line holds a control character: ${JSON.stringify(line)}`);
  let report: Report;
  try {
    report = JSON.parse(tick.stdout) as Report;
  } catch {
    return judge.fail("REPORT", `stdout is not one document: ${tick.stdout.slice(0, 200)}`);
  }
  judge.coverage.hit("exit", String(tick.exitCode));
  for (const { action, reason, gates = [] } of report.decisions ?? []) {
    judge.coverage.hit("action", action);
    judge.coverage.hit("reason", reason);
    for (const gate of gates) judge.coverage.hit("reason", gate.reason);
  }
}

/** The messages that afk sent to threads, for comparing before and after a request. */
export function wiped(judge: Judge): void {
  const { world } = judge;
  const texts = REPOS.flatMap((name) => [...world.repo(name).issues.values()]).flatMap(({ comments }) =>
    comments.map(({ body }) => body),
  );
  // A run that no card knew is forgotten by the whole world.
  for (const threads of judge.armings.values())
    for (const thread of threads)
      if (!texts.some((text) => text.startsWith("<!-- afk:run:v1") && text.includes(thread)))
        threads.delete(thread);
}
