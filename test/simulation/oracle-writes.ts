// Judges single writes: who may start, send, label, close and record what, given what the tick has read.
import type { Issue, TimelineEvent } from "../support/github/state.ts";
import type { Exchange } from "./exchange.ts";
import { judgeEnd } from "./oracle-ends.ts";
import { CONTROL, type Judge, type TickView } from "./oracle.ts";
import { HUMAN, IN_PROGRESS, READY, type SimWorld } from "./world.ts";

export interface CardData {
  readonly thread: string;
  readonly armed: string;
  readonly dispatchedAt: string;
  readonly commit: string | null;
  readonly attempts: number;
  readonly resumes: number;
  readonly outcome: string | null;
  readonly firstRedAt: string | null;
}

export function cardIn(text: string): CardData | null {
  const json = /^<!-- afk:run:v1 (\{.*\}) hmac-sha256:[0-9a-f]{64} -->/.exec(text)?.[1];
  if (json === undefined) return null;
  try {
    return JSON.parse(json) as CardData;
  } catch {
    // A forgery need not be JSON.
    return null;
  }
}

/** What has to be known from before a write: the labels and state of each issue, the cards, and T3's accepted commands. */
export function stateBefore(world: SimWorld, exchange: Exchange): ReadonlyMap<string, string> {
  const before = new Map<string, string>([["done", String(world.t3.store.done.length)]]);
  const place = placeOf(world, exchange);
  if (place === null) return before;
  before.set("labels", place.issue.labels.join("\n"));
  before.set("open", String(place.issue.open));
  before.set("events", String(place.issue.timeline.length));
  const id = /\/comments\/(\d+)$/.exec(exchange.url.pathname)?.[1];
  const comment = place.issue.comments.find((one) => String(one.id) === id);
  if (comment !== undefined) before.set("card", comment.body);
  return before;
}

export interface Place {
  readonly key: string;
  readonly issue: Issue;
}

function placeOf(world: SimWorld, { url, endpoint }: Exchange): Place | null {
  if (!endpoint.startsWith("github.")) return null;
  const [, owner, name, number] = /^\/repos\/([^/]+)\/([^/]+)\/issues\/(\w+)/.exec(url.pathname) ?? [];
  const repo = world.state.repos.find((one) => one.owner === owner && one.name === name);
  if (repo === undefined) return null;
  const id = /\/comments\/(\d+)$/.exec(url.pathname)?.[1];
  const issue =
    id === undefined
      ? repo.issues.get(Number(number))
      : [...repo.issues.values()].find(({ comments }) => comments.some((one) => String(one.id) === id));
  return issue === undefined ? null : { key: `${owner}/${name}#${issue.number}`, issue };
}

export function judgeWrite(
  judge: Judge,
  view: TickView,
  exchange: Exchange,
  before: ReadonlyMap<string, string>,
): void {
  if (exchange.endpoint.startsWith("t3.")) return judgeCommand(judge, view, Number(before.get("done")));
  const place = placeOf(judge.world, exchange);
  if (place === null) return;
  if (exchange.endpoint.endsWith("_comment")) return judgeCard(judge, view, place, exchange, before);
  const changed = Number(before.get("events")) < place.issue.timeline.length;
  if (changed) judgeLabelsAndState(judge, view, place, exchange);
}

/** S2, S4, S8, S9, S11: what was sent to an agent. */
function judgeCommand(judge: Judge, view: TickView, doneBefore: number): void {
  const { store } = judge.world.t3;
  for (const command of store.done.slice(doneBefore)) {
    if (command.type !== "thread.turn.start") continue;
    const { text } = command.message;
    const thread = command.threadId;
    if (CONTROL.test(text)) judge.fail("S14", `The message to ${thread} holds a raw control character.`);
    judge.coverage.hit("antecedent", "S14");
    const run = /^afk-run (\S+) (\S+)#(\d+) armed=(\S+) body=([0-9a-f]+) /.exec(text);
    if (run !== null) judgeStart(judge, view, thread, run);
    else judgeTurn(judge, view, thread);
    const taken = store.agents.turns.filter(
      (turn) => turn.threadId === thread && turn.messageId === command.message.messageId,
    );
    if (taken.length > 1)
      judge.fail("S2", `The agent of ${thread} got the same message ${taken.length} times.`);
  }
}

function judgeStart(judge: Judge, view: TickView, thread: string, run: RegExpExecArray): void {
  const [, , repo = "", number = "", armed = "", body = ""] = run;
  const arming = decodeURIComponent(armed);
  const threads = judge.armings.get(arming) ?? new Set<string>();
  const key = `${repo}#${number}`;
  const isAgain = threads.has(thread);
  judge.armings.set(arming, threads.add(thread));
  judge.coverage.hit("antecedent", "S2");
  if (threads.size > 1 && !judge.tampered.has(key))
    judge.fail("S2", `The arming ${arming} of ${key} started ${threads.size} runs.`);
  if (isAgain) return;
  judge.coverage.hit("antecedent", "S4");
  judge.coverage.hit("antecedent", "S11");
  if (!wasSeen(judge, view, `trusted ${arming}|${body}`))
    judge.fail("S4", `${key} was started without a trusted arming of that text.`);
  if (!wasSeen(judge, view, `free ${key}`)) judge.fail("S11", `${key} was started while it was blocked.`);
  view.dispatched += 1;
  const most = Number(judge.world.settings["AFK_MAX_DISPATCH_PER_TICK"] ?? 3);
  if (view.dispatched > most) judge.fail("S8", `One tick started ${view.dispatched} runs.`);
}

/** Whether something was so at a moment that the tick can have read. */
export function wasSeen(judge: Judge, view: TickView, what: string): boolean {
  return (judge.last.get(what) ?? -1) >= view.oldest;
}

function judgeTurn(judge: Judge, view: TickView, thread: string): void {
  const { world } = judge;
  const sent = world.t3.store.row(thread).messages.filter(({ role }) => role === "user");
  const count = (kind: string): number =>
    sent.filter(({ text }) => text.startsWith(`afk-turn ${thread} ${kind}=`)).length;
  judge.coverage.hit("antecedent", "S8");
  const attempts = Number(world.settings["AFK_FIX_FORWARD_MAX_ATTEMPTS"]);
  if (count("fix_forward") > attempts)
    judge.fail("S8", `${thread} got ${count("fix_forward")} fix-forward turns.`);
  if (count("resume") > Number(world.settings["AFK_RESUME_MAX_ATTEMPTS"] ?? 1))
    judge.fail("S8", `${thread} got ${count("resume")} resume turns.`);
  const run = /^afk-run \S+ (\S+)#(\d+) /.exec(sent[0]?.text ?? "");
  const issue = run === null ? null : world.issue(run[1] ?? "", Number(run[2]));
  if (run === null || issue === null) return;
  const key = `${run[1]}#${run[2]}`;
  const ended = [...(judge.outcomes.get(`${thread} ${key}`) ?? [])][0];
  if (ended !== undefined) judge.fail("S9", `${thread} got a turn after its card said ${ended[0]}.`);
  const since = Date.parse(world.t3.store.row(thread).createdAt);
  const taken = takeover(judge, issue, since, view.reads.get(key) ?? 0);
  if (taken !== null)
    judge.fail("S6", `${thread} got a turn although a person had taken ${key} back (${taken}).`);
}

/** A person's change that the tick had seen and by which the run is theirs. */
function takeover(judge: Judge, issue: Issue, since: number, seen: number): string | null {
  for (const event of issue.timeline) {
    if (!isPersons(judge, event) || Date.parse(event.createdAt) <= since) continue;
    if ((judge.eventMoments.get(event.id) ?? 0) >= seen) continue;
    if (event.kind === "UnlabeledEvent" && event.label === IN_PROGRESS) return "in-progress removed";
    if (event.kind === "LabeledEvent" && event.label === HUMAN) return "human label";
    if (event.kind === "ClosedEvent" && event.commit === null) return "closed";
  }
  return null;
}

function isPersons(judge: Judge, event: TimelineEvent): boolean {
  return event.actor?.login !== judge.world.github.people.afk.login;
}

/** S6 and S10: what afk changed on an issue against the last word of a person that it had read. */
function judgeLabelsAndState(judge: Judge, view: TickView, { key, issue }: Place, exchange: Exchange): void {
  const done = issue.timeline.at(-1);
  if (done === undefined) return;
  const earlier = issue.timeline.slice(0, -1);
  const card = newestCard(judge.world, issue);
  const seen = view.reads.get(key) ?? 0;
  const since = card === null ? 0 : Date.parse(card.dispatchedAt);
  const last = earlier.findLast((event) => isInverse(event, done));
  judge.coverage.hit("antecedent", "S6");
  const run = `${card?.thread} ${key}`;
  const hasSaidSo = judge.overwritten.has(run) && judge.outcomes.get(run)?.has("close_success") === true;
  if (
    done.kind === "ClosedEvent" &&
    card?.outcome !== "close_success" &&
    !hasSaidSo &&
    !judge.tampered.has(key)
  )
    judge.fail("S10", `${key} was closed, and its card says ${card?.outcome ?? "nothing"}.`);
  if (done.kind === "UnlabeledEvent" && done.label === HUMAN)
    judge.fail("S6", `afk removed the human label of ${key}.`);
  if (last === undefined || !isPersons(judge, last) || (judge.eventMoments.get(last.id) ?? 0) >= seen) return;
  if (done.kind === "UnlabeledEvent" && done.label === READY) {
    if (card !== null && last.id !== card.armed)
      judge.fail("S6", `afk removed a newer ready label of ${key}.`);
    return;
  }
  if (done.kind === "UnlabeledEvent") return;
  if (Date.parse(last.createdAt) > since)
    judge.fail("S6", `${exchange.endpoint} undid a person's ${last.kind} on ${key}.`);
}

function isInverse(event: TimelineEvent, done: TimelineEvent): boolean {
  switch (done.kind) {
    case "LabeledEvent":
      return event.kind === "UnlabeledEvent" && event.label === done.label;
    case "UnlabeledEvent":
      return event.kind === "LabeledEvent" && event.label === done.label;
    case "ClosedEvent":
      return event.kind === "ReopenedEvent";
    case "ReopenedEvent":
      return event.kind === "ClosedEvent" && event.commit === null;
    case "RenamedTitleEvent":
      return false;
  }
}

/** The texts of the comments that look like cards and are of afk's own account. */
export function ownCards({ github }: SimWorld, issue: Issue): readonly string[] {
  return issue.comments
    .filter(({ author }) => author?.login === github.people.afk.login)
    .map(({ body }) => body)
    .filter((body) => body.startsWith("<!-- afk:run:v1"));
}

/** What the cards of an issue say together: several of one run, which overlapping ticks may leave, count as one. */
export function mergedCards(world: SimWorld, issue: Issue): readonly CardData[] {
  const cards = ownCards(world, issue)
    .map(cardIn)
    .filter((card) => card !== null);
  return [...Map.groupBy(cards, ({ thread }) => thread).values()].flatMap((same) =>
    (same.some(({ outcome }) => outcome !== null)
      ? same.filter(({ outcome }) => outcome !== null)
      : same
    ).slice(0, 1),
  );
}

function newestCard(world: SimWorld, issue: Issue): CardData | null {
  const cards = mergedCards(world, issue);
  return cards.toSorted((a, b) => (a.dispatchedAt < b.dispatchedAt ? 1 : -1))[0] ?? null;
}

/** S8, S9, S10, S12: what a card may say after what it said before. */
function judgeCard(
  judge: Judge,
  view: TickView,
  { key, issue }: Place,
  exchange: Exchange,
  before: ReadonlyMap<string, string>,
): void {
  if (exchange.endpoint === "github.delete_comment") return;
  const { body }: { readonly body: string } = JSON.parse(exchange.text);
  const card = cardIn(body);
  // A write that a fault kept from happening says nothing.
  if (!issue.comments.some((comment) => comment.body === body)) return;
  judge.cardMoments.set(body, judge.moment);
  if (card !== null && body.includes(":failed:3")) judge.unheard.add(card.thread);
  if (card === null) return judge.fail("CARD", `afk wrote a comment on ${key} that is no card.`);
  const same = ownCards(judge.world, issue).filter((text) => cardIn(text)?.thread === card.thread);
  if (same.length > 4) judge.fail("CARD", `${key} has ${same.length} cards of one run.`);
  const old = cardIn(before.get("card") ?? "");
  if (old !== null && old.thread === card.thread && !judge.tampered.has(key)) {
    judge.coverage.hit("antecedent", "S8");
    // GitHub cannot compare and set: between a tick's last look and its write, another one's word may come.
    const isOvertaken = (judge.cardMoments.get(before.get("card") ?? "") ?? 0) > (view.reads.get(key) ?? 0);
    if (isOvertaken) judge.coverage.hit("overtaken", card.outcome ?? "card");
    if (!isOvertaken && (card.attempts < old.attempts || card.resumes < old.resumes))
      judge.fail("S8", `A budget on the card of ${key} went down.`);
    // README names this limit: for a moment the end is not on the card.
    if (old.outcome !== null && card.outcome === null && isOvertaken)
      judge.overwritten.set(`${card.thread} ${key}`, { by: view, isLeft: false });
    else if (old.outcome !== null && card.outcome === null)
      judge.fail("S9", `The card of ${key} lost its outcome ${old.outcome}.`);
  }
  if (card.outcome === null) return;
  const isNew = exchange.endpoint === "github.add_comment";
  judgeEnd(judge, view, { key, issue }, { card, old, isNew });
}
