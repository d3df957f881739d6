// What afk reads of T3's answers: only the fields it uses, times as milliseconds, words as they came.
import * as z from "zod/mini";

const Time = z
  .pipe(
    z.string(),
    z.transform((text) => Date.parse(text)),
  )
  .check(z.refine((time) => Number.isFinite(time), { error: "not a time" }));

/** A field that may be null, or missing on other versions. */
function maybe<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? null),
  );
}

const LatestTurn = z.object({
  turnId: z.string(),
  state: z.string(),
  requestedAt: Time,
  startedAt: maybe(Time),
  completedAt: maybe(Time),
});

const Session = z.object({
  status: z.string(),
  activeTurnId: maybe(z.string()),
  lastError: maybe(z.string()),
  updatedAt: Time,
});

const Message = z.object({
  id: z.string(),
  role: z.string(),
  text: z.string(),
  turnId: maybe(z.string()),
  createdAt: Time,
  updatedAt: maybe(Time),
});

const Activity = z.object({
  kind: z.string(),
  createdAt: Time,
  payload: z.catch(z.nullable(z.object({ requestId: z.string() })), null),
});

const ThreadRow = z.object({
  id: z.string(),
  projectId: z.string(),
  title: z.string(),
  createdAt: Time,
  updatedAt: Time,
  archivedAt: maybe(Time),
  deletedAt: maybe(Time),
  settledOverride: maybe(z.string()),
  latestTurn: maybe(LatestTurn),
  session: maybe(Session),
  /** Undefined where it is not told: only the shell has it. */
  latestUserMessageAt: z.nullish(Time),
  hasPendingApprovals: z._default(z.boolean(), false),
  hasPendingUserInput: z._default(z.boolean(), false),
  backgroundLiveness: maybe(z.string()),
  /** Empty in the shell, and in the snapshot since 0.0.32. */
  messages: z._default(z.array(Message), []),
  activities: z._default(z.array(Activity), []),
});

/** A thread as it came, of which only the id is known: a list of thousands is read one by one (`readRow`). */
const RawRow = z.custom<{ readonly id: string }>(
  (row) => typeof row === "object" && row !== null && "id" in row && typeof row.id === "string",
);

const Project = z.object({ id: z.string(), workspaceRoot: z.string(), deletedAt: maybe(z.string()) });

/** The shell and the snapshot: the second also has what is archived and deleted. */
export const Snapshot = z.object({ projects: z.array(Project), threads: z.array(RawRow) });

export const ThreadAnswer = z.object({ thread: RawRow });

/** Reads a thread; one that cannot be understood must neither hide the others nor look as if it were not there. */
export function readRow(row: T3RawRow): T3Row {
  const read = ThreadRow.safeParse(row);
  return read.success ? { isReadable: true, thread: read.data } : { isReadable: false, id: row.id };
}

/** The public description of a server. */
export const Environment = z.object({
  environmentId: z.string().check(z.minLength(1)),
  serverVersion: z.string(),
  capabilities: z._default(z.object({ threadSettlement: z._default(z.boolean(), false) }), {
    threadSettlement: false,
  }),
});

/** What the server thinks of our token; versions before 0.0.25 know roles and no scopes. */
export const AuthSession = z.object({
  authenticated: z.boolean(),
  scopes: z.optional(z.array(z.string())),
  expiresAt: maybe(Time),
});

export const Accepted = z.object({ sequence: z.number() });

/** The body of a refusal; each version fills other fields, and some send none. */
export const Refusal = z.object({
  reason: maybe(z.string()),
  requiredScope: maybe(z.string()),
  error: maybe(z.string()),
});

export type T3Thread = z.output<typeof ThreadRow>;
export type T3RawRow = z.output<typeof RawRow>;
export type T3Row =
  | { readonly isReadable: true; readonly thread: T3Thread }
  | { readonly isReadable: false; readonly id: string };
export type T3Project = z.output<typeof Project>;
export type T3Snapshot = z.output<typeof Snapshot>;
export type T3Environment = z.output<typeof Environment>;
export type T3AuthSession = z.output<typeof AuthSession>;
