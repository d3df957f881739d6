// Makes threads, each in the project of its repo's directory: T3 refuses an id that exists, and that is the lock.
import { projectId } from "../../core/identity.ts";
import type { NewThread } from "../../core/thread.ts";
import { digest } from "../../digest.ts";
import { AfkError } from "../../errors.ts";
import { carryOut, invalidCommand, type Order, type T3Context } from "./commands.ts";
import { directory } from "./read.ts";
import type { T3Snapshot } from "./schemas.ts";

/** Makes a thread, and its project if nobody has one for the directory. `exists`: somebody made this id before. */
export async function createThread(context: T3Context, thread: NewThread): Promise<"created" | "exists"> {
  const snapshot = await context.client.readSnapshot();
  if (hasThread(snapshot, thread)) return "exists";
  const order: Order = {
    threadId: thread.threadId,
    step: "create",
    body: {
      type: "thread.create",
      threadId: thread.threadId,
      projectId: await ensureProject(context, snapshot, thread),
      title: thread.title,
      modelSelection: context.model,
      runtimeMode: "full-access",
      interactionMode: "default",
      branch: null,
      worktreePath: null,
      // Two equal commands would both be told that they succeeded.
      claim: context.deps.uniqueId(),
    },
  };
  const outcome = await carryOut(context, order, async () =>
    hasThread(await context.client.readSnapshot(), thread) ? "there" : "absent",
  );
  if (outcome === "accepted") return "created";
  if (outcome === "there") return "exists";
  throw invalidCommand("thread.create");
}

function hasThread(snapshot: T3Snapshot, { threadId }: NewThread): boolean {
  return snapshot.threads.some(({ id }) => id === threadId);
}

/** The id of the project for the repo's directory. One that a person made is used as it is. */
async function ensureProject(context: T3Context, snapshot: T3Snapshot, thread: NewThread): Promise<string> {
  const root = context.deps.workspaceOf(thread.repo);
  const found = findProject(snapshot, root);
  if (found !== null) return found;
  const id = freeProjectId(snapshot, thread, root);
  const order: Order = {
    threadId: thread.threadId,
    step: "project",
    body: {
      type: "project.create",
      projectId: id,
      title: thread.repo,
      workspaceRoot: root,
      defaultModelSelection: context.model,
    },
  };
  // Another tick may have made it under another id.
  let made: string | null = null;
  const outcome = await carryOut(context, order, async () => {
    made = findProject(await context.client.readSnapshot(), root);
    return made === null ? "absent" : "there";
  });
  if (typeof outcome === "string") return made ?? id;
  if (outcome.reason === null) throw invalidCommand("project.create");
  throw new AfkError(
    "config",
    `T3 has no directory ${root} for ${thread.repo}: clone the repo there on T3's machine, or correct AFK_WORKSPACE_BASE.`,
  );
}

function findProject(snapshot: T3Snapshot, root: string): string | null {
  const found = snapshot.projects.find(
    ({ deletedAt, workspaceRoot }) => deletedAt === null && directory(workspaceRoot) === directory(root),
  );
  return found?.id ?? null;
}

/** The repo's first project id that no deleted project used up. */
function freeProjectId(snapshot: T3Snapshot, thread: NewThread, root: string): string {
  for (let generation = 1; ; generation += 1) {
    const id = generation === 1 ? thread.projectId : projectId(digest, thread.repo, generation);
    const used = snapshot.projects.find((project) => project.id === id);
    if (used === undefined) return id;
    if (used.deletedAt === null)
      throw new AfkError(
        "config",
        `T3's project for ${thread.repo} works in ${used.workspaceRoot}, not in ${root}: correct its directory in T3, or AFK_WORKSPACE_BASE.`,
      );
  }
}
