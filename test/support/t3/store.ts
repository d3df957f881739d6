// The command side of the T3 double: receipts, the rules of each command, and what the reads show.
import { createAgents, type Agents } from "./agents.ts";
import type { CommandOf, T3Command } from "./command-schema.ts";
import { type ProjectRow, type ThreadRow, isOpen, shellThread } from "./rows.ts";

export interface StoreOptions {
  readonly now: () => number;
  /** `on order`: accepted turns wait until the test says `begin`. */
  readonly startTurns?: "at once" | "on order";
  readonly instances?: readonly string[];
  /** The directories of the server's machine. */
  readonly isDirectory?: (path: string) => boolean;
  /** Since 0.0.32 the snapshot has no messages. */
  readonly snapshotHasBodies?: boolean;
}

/** `invalid`: what the rules before the receipts refuse. */
export type Dispatched =
  | { readonly kind: "accepted"; readonly sequence: number }
  | { readonly kind: "refused" }
  | { readonly kind: "invalid" };

export interface Store {
  readonly agents: Agents;
  /** Every command that was carried out, in order. */
  readonly done: readonly T3Command[];
  dispatch(command: T3Command): Dispatched;
  shell(): object;
  snapshot(): object;
  /** Null for what is unknown, archived or deleted. */
  thread(threadId: string): object | null;
  /** The row itself, whatever became of it. */
  row(threadId: string): ThreadRow;
  /** All that there ever were, whatever became of them. */
  projectRows(): readonly ProjectRow[];
  threadRows(): readonly ThreadRow[];
  /** From now on, accepted turns are lost: nobody takes them up. */
  loseTurns(isLosing: boolean): void;
  /** From now on, agents do not hear interrupts and stops. */
  deafen(isDeaf: boolean): void;
}

class Refused extends Error {}

function bare(path: string): string {
  return path.replace(/\/+$/, "");
}

function refuseIf(isWrong: boolean, why: string): void {
  if (isWrong) throw new Refused(why);
}

export function createStore(options: StoreOptions): Store {
  const projects = new Map<string, ProjectRow>();
  const threads = new Map<string, ThreadRow>();
  const receipts = new Map<string, number | "refused">();
  const made = new Set<string>();
  const done: T3Command[] = [];
  let sequence = 0;
  let ids = 0;
  let isLosing = false;
  let isDeaf = false;
  const isDirectory = (path: string): boolean => made.has(path) || (options.isDirectory?.(path) ?? true);
  const time = (): string => new Date(options.now()).toISOString();
  const agents = createAgents({
    thread: requireThread,
    time,
    id: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, "0")}`,
    instances: options.instances ?? ["claudeAgent"],
    isDirectory,
  });

  function requireThread(threadId: string): ThreadRow {
    const thread = threads.get(threadId);
    if (thread === undefined) throw new Refused("unknown thread");
    return thread;
  }

  function createProject(command: CommandOf<"project.create">): void {
    refuseIf(projects.has(command.projectId), "exists");
    const isTaken = [...projects.values()].some(
      (one) => one.deletedAt === null && bare(one.workspaceRoot) === bare(command.workspaceRoot),
    );
    refuseIf(isTaken, "the root has a project");
    projects.set(command.projectId, {
      id: command.projectId,
      title: command.title,
      workspaceRoot: command.workspaceRoot,
      defaultModelSelection: command.defaultModelSelection ?? null,
      scripts: [],
      createdAt: time(),
      updatedAt: time(),
      deletedAt: null,
    });
  }

  function createThread(command: CommandOf<"thread.create">): void {
    refuseIf(!projects.has(command.projectId), "unknown project");
    refuseIf(threads.has(command.threadId), "exists");
    threads.set(command.threadId, {
      id: command.threadId,
      projectId: command.projectId,
      title: command.title,
      modelSelection: command.modelSelection,
      runtimeMode: command.runtimeMode,
      interactionMode: command.interactionMode,
      branch: command.branch,
      worktreePath: command.worktreePath,
      latestTurn: null,
      createdAt: time(),
      updatedAt: time(),
      archivedAt: null,
      settledOverride: null,
      settledAt: null,
      snoozedUntil: null,
      snoozedAt: null,
      pinnedAt: null,
      titleRegeneration: null,
      deletedAt: null,
      messages: [],
      proposedPlans: [],
      activities: [],
      checkpoints: [],
      session: null,
    });
  }

  function deleteProject(command: CommandOf<"project.delete">): void {
    const project = projects.get(command.projectId);
    if (project === undefined) throw new Refused("unknown project");
    const inside = [...threads.values()].filter(
      (one) => one.projectId === project.id && one.deletedAt === null,
    );
    refuseIf(inside.length > 0 && command.force !== true, "not empty");
    for (const thread of inside) deleteThread(thread);
    project.deletedAt = time();
  }

  function deleteThread(thread: ThreadRow): void {
    agents.vanish(thread.id);
    thread.deletedAt = time();
    thread.updatedAt = time();
  }

  /** An id that exists keeps its message, with a new text and the old time of creation. */
  function startTurn({ threadId, message }: CommandOf<"thread.turn.start">): void {
    const thread = requireThread(threadId);
    const now = time();
    const same = thread.messages.find(({ id }) => id === message.messageId);
    if (same === undefined)
      thread.messages.push({
        id: message.messageId,
        role: "user",
        text: message.text,
        attachments: [],
        turnId: null,
        streaming: false,
        createdAt: now,
        updatedAt: now,
      });
    else Object.assign(same, { text: message.text, updatedAt: now });
    thread.updatedAt = now;
    // By the source, not recorded: work wakes a settled thread.
    thread.settledOverride = null;
    thread.settledAt = null;
    if (isLosing) return;
    agents.accept(threadId, message.messageId);
    if (options.startTurns !== "on order") agents.begin(threadId);
  }

  /** By the source, not recorded. */
  function settle(thread: ThreadRow): void {
    refuseIf(thread.archivedAt !== null, "archived");
    refuseIf(["starting", "running"].includes(thread.session?.status ?? ""), "at work");
    refuseIf(isOpen(thread.activities, "approval") || isOpen(thread.activities, "user-input"), "waits");
    thread.settledOverride = "settled";
    thread.settledAt ??= time();
    thread.updatedAt = time();
  }

  function carryOut(command: T3Command): void {
    switch (command.type) {
      case "project.create":
        return createProject(command);
      case "project.meta.update":
        return refuseIf(!projects.has(command.projectId), "unknown project");
      case "project.delete":
        return deleteProject(command);
      case "thread.create":
        return createThread(command);
      case "thread.turn.start":
        return startTurn(command);
      case "thread.turn.interrupt":
        requireThread(command.threadId);
        return isDeaf ? undefined : agents.interrupt(command.threadId);
      case "thread.session.stop":
        requireThread(command.threadId);
        return isDeaf ? undefined : agents.stop(command.threadId);
      case "thread.archive": {
        const thread = requireThread(command.threadId);
        refuseIf(thread.archivedAt !== null, "archived");
        thread.archivedAt = time();
        thread.updatedAt = time();
        return;
      }
      case "thread.unarchive": {
        const thread = requireThread(command.threadId);
        refuseIf(thread.archivedAt === null, "not archived");
        thread.archivedAt = null;
        thread.updatedAt = time();
        return;
      }
      case "thread.delete":
        return deleteThread(requireThread(command.threadId));
      case "thread.settle":
        return settle(requireThread(command.threadId));
      case "thread.approval.respond":
        return void agents.answer(command.threadId, "approval", command.requestId);
      case "thread.user-input.respond":
        return void agents.answer(command.threadId, "user-input", command.requestId);
    }
  }

  const bodies = { messages: [], proposedPlans: [], activities: [], checkpoints: [] };
  const head = (): object => ({ snapshotSequence: sequence });
  const tail = (): object => ({ updatedAt: sequence === 0 ? new Date(0).toISOString() : time() });
  return {
    agents,
    done,
    dispatch(command) {
      if (command.type === "project.create" && !isDirectory(bare(command.workspaceRoot))) {
        if (command.createWorkspaceRootIfMissing !== true) return { kind: "invalid" };
        made.add(command.workspaceRoot);
      }
      const receipt = receipts.get(command.commandId);
      if (receipt === "refused") return { kind: "refused" };
      if (receipt !== undefined) return { kind: "accepted", sequence: receipt };
      try {
        carryOut(command);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        receipts.set(command.commandId, "refused");
        return { kind: "refused" };
      }
      sequence += 1;
      receipts.set(command.commandId, sequence);
      done.push(command);
      return { kind: "accepted", sequence };
    },
    shell: () => ({
      ...head(),
      projects: [...projects.values()]
        .filter(({ deletedAt }) => deletedAt === null)
        .map(({ deletedAt: _deletedAt, ...project }) => ({ ...project, repositoryIdentity: null })),
      threads: [...threads.values()]
        .filter(({ archivedAt, deletedAt }) => archivedAt === null && deletedAt === null)
        .map(shellThread),
      ...tail(),
    }),
    snapshot: () => ({
      ...head(),
      projects: [...projects.values()],
      threads: [...threads.values()].map((thread) =>
        options.snapshotHasBodies === true ? thread : { ...thread, ...bodies },
      ),
      ...tail(),
    }),
    thread(threadId) {
      const thread = threads.get(threadId);
      if (thread === undefined || thread.archivedAt !== null || thread.deletedAt !== null) return null;
      return { ...head(), thread };
    },
    row: requireThread,
    projectRows: () => [...projects.values()],
    threadRows: () => [...threads.values()],
    loseTurns: (losing) => void (isLosing = losing),
    deafen: (deaf) => void (isDeaf = deaf),
  };
}
