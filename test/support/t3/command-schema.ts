// What the T3 double takes as a command; everything else is a 400 without a body, as with the real server.
import * as z from "zod/mini";

const Id = z.string().check(z.trim(), z.minLength(1));
const Model = z.object({ instanceId: Id, model: z.string() });
const Runtime = z.enum(["approval-required", "auto-accept-edits", "auto", "full-access"]);
const Interaction = z.enum(["default", "plan"]);
const createdAt = z.string();
const base = { commandId: Id };
const onThread = { ...base, threadId: Id };

export const CommandSchema = z.discriminatedUnion("type", [
  z.object({
    ...base,
    type: z.literal("project.create"),
    projectId: Id,
    title: z.string(),
    workspaceRoot: z.string(),
    createWorkspaceRootIfMissing: z.optional(z.boolean()),
    defaultModelSelection: z.nullish(Model),
    createdAt,
  }),
  z.object({ ...base, type: z.literal("project.meta.update"), projectId: Id }),
  z.object({
    ...base,
    type: z.literal("project.delete"),
    projectId: Id,
    force: z.optional(z.boolean()),
  }),
  z.object({
    ...onThread,
    type: z.literal("thread.create"),
    projectId: Id,
    title: z.string(),
    modelSelection: Model,
    runtimeMode: Runtime,
    interactionMode: z._default(Interaction, "default"),
    branch: z.nullable(z.string()),
    worktreePath: z.nullable(z.string()),
    createdAt,
  }),
  z.object({
    ...onThread,
    type: z.literal("thread.turn.start"),
    message: z.object({
      messageId: Id,
      role: z.literal("user"),
      text: z.string(),
      attachments: z.array(z.unknown()),
    }),
    runtimeMode: Runtime,
    interactionMode: Interaction,
    createdAt,
  }),
  z.object({
    ...onThread,
    type: z.literal("thread.turn.interrupt"),
    turnId: z.optional(Id),
    createdAt,
  }),
  z.object({ ...onThread, type: z.literal("thread.session.stop"), createdAt }),
  z.object({ ...onThread, type: z.literal("thread.archive") }),
  z.object({ ...onThread, type: z.literal("thread.unarchive") }),
  z.object({ ...onThread, type: z.literal("thread.delete") }),
  z.object({ ...onThread, type: z.literal("thread.settle") }),
  z.object({
    ...onThread,
    type: z.literal("thread.approval.respond"),
    requestId: Id,
    decision: z.enum(["accept", "acceptForSession", "decline", "cancel"]),
    createdAt,
  }),
  z.object({
    ...onThread,
    type: z.literal("thread.user-input.respond"),
    requestId: Id,
    answers: z.record(z.string(), z.unknown()),
    createdAt,
  }),
]);

export type T3Command = z.output<typeof CommandSchema>;
export type CommandOf<Type extends T3Command["type"]> = Extract<T3Command, { readonly type: Type }>;
