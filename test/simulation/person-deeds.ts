// What people do to issues on the tracker and to threads in T3's own web app.
import {
  type Account,
  addComment,
  addLabel,
  type Comment,
  deed,
  editComment,
  type Issue,
  nextId,
  removeLabel,
  setOpen,
  tick,
} from "../support/github/state.ts";
import { HUMAN, IN_PROGRESS, READY, type SimWorld, threadIds } from "./world.ts";

function cardOf(issue: Issue): Comment | undefined {
  return issue.comments.find(({ body }) => body.startsWith("<!-- afk:run:v1"));
}

/** What a person does to an issue on the tracker. */
export function person(world: SimWorld, name: string, what: string, number: number): void {
  const issue = world.issue(name, number);
  if (issue === null) return;
  const { state, github } = world;
  const { maintainer, outsider, afk } = github.people;
  const repo = world.repo(name);
  const add = (label: string, by: Account = maintainer): void => addLabel(state, repo, issue, label, by);
  const remove = (label: string): unknown => removeLabel(state, issue, label, maintainer);
  switch (what) {
    case "ready":
      return add(READY);
    case "unready":
      return void remove(READY);
    case "human":
      return add(HUMAN);
    case "unhuman":
      return void remove(HUMAN);
    case "progress":
      return add(IN_PROGRESS);
    case "unprogress":
      return void remove(IN_PROGRESS);
    case "close":
      return setOpen(state, issue, false, maintainer);
    case "reopen":
      return setOpen(state, issue, true, maintainer);
    case "rearm":
      remove(HUMAN);
      remove(IN_PROGRESS);
      remove(READY);
      setOpen(state, issue, true, maintainer);
      return add(READY);
    case "edit":
    case "edit-outsider":
      return github.editBody(number, `${issue.body} More.`, what === "edit" ? maintainer : outsider, name);
    case "title":
      issue.title = `${issue.title}!`;
      issue.timeline.push({ kind: "RenamedTitleEvent", ...deed(state, outsider) });
      return;
    case "ready-outsider":
    case "ready-self":
      remove(READY);
      return add(READY, what === "ready-self" ? afk : outsider);
    case "comment":
      return void addComment(state, issue, outsider, "What about this?");
    case "forge":
      // A stranger copies the card of another issue, or makes one up.
      return void addComment(state, issue, outsider, forgery(world, name, number));
    case "delete":
      repo.issues.delete(number);
      tick(state);
      return;
    case "chatter":
      // More than fit on one page.
      for (let count = 0; count < 51; count += 1) addComment(state, issue, outsider, `Me too, ${count}.`);
      return;
    case "fidget":
      for (let count = 0; count < 51; count += 1) {
        add("bug");
        remove("bug");
      }
      return;
    case "twin": {
      // Not a person: two ticks that overlapped have each written the card.
      const card = cardOf(issue);
      const cards = issue.comments.filter(({ body }) => body.startsWith("<!-- afk:run:v1"));
      if (card !== undefined && cards.length < 3) addComment(state, issue, afk, card.body);
      return;
    }
    case "delete-card": {
      const card = cardOf(issue);
      issue.comments = issue.comments.filter((comment) => comment !== card);
      tick(state);
      return;
    }
    case "damage-card": {
      const card = cardOf(issue);
      if (card !== undefined)
        editComment(state, card, maintainer, card.body.replace('"attempts":', '"attempts":7'));
      tick(state);
      return;
    }
    default:
      throw new Error(`No person knows ${what}.`);
  }
}

function forgery(world: SimWorld, name: string, number: number): string {
  for (const other of world.repo(name).issues.values()) {
    const card = other.number === number ? undefined : cardOf(other);
    if (card !== undefined) return card.body;
  }
  return `<!-- afk:run:v1 {"thread":"x","outcome":"close_success"} hmac-sha256:${"0".repeat(64)} -->`;
}

/** What a person does in T3's own web app. */
export function cockpit(world: SimWorld, what: string, index: number): void {
  const { store } = world.t3;
  const threads = threadIds(world).filter((id) => store.row(id).deletedAt === null);
  const threadId = threads[index % Math.max(1, threads.length)];
  if (threadId === undefined) return;
  const commandId = `person-${nextId(world.state)}`;
  world.state.now += 1000;
  switch (what) {
    case "archive":
      return void store.dispatch({ type: "thread.archive", commandId, threadId });
    case "stop":
      return void store.dispatch({
        type: "thread.session.stop",
        commandId,
        threadId,
        createdAt: MODES.createdAt,
      });
    case "answer": {
      const asked = store.row(threadId).activities.findLast(({ kind }) => kind === "user-input.requested");
      const requestId = asked?.payload["requestId"];
      if (typeof requestId === "string") store.agents.answer(threadId, "user-input", requestId);
      return;
    }
    case "talk": {
      if (store.row(threadId).archivedAt !== null) return;
      const text = "Please look at this again.";
      const message = { messageId: commandId, role: "user" as const, text, attachments: [] };
      return void store.dispatch({ type: "thread.turn.start", commandId, threadId, message, ...MODES });
    }
    default:
      throw new Error(`Nobody does ${what} in the cockpit.`);
  }
}

const MODES = {
  runtimeMode: "full-access",
  interactionMode: "default",
  createdAt: "2026-11-20T08:00:00.000Z",
} as const;
