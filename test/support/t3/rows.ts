// The rows of the T3 double, in the shape that a T3 Code 0.0.32 server answers.

export interface ModelSelection {
  readonly instanceId: string;
  readonly model: string;
}

export interface ProjectRow {
  readonly id: string;
  readonly title: string;
  readonly workspaceRoot: string;
  readonly defaultModelSelection: ModelSelection | null;
  readonly scripts: readonly unknown[];
  readonly createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
}

export interface TurnRow {
  readonly turnId: string;
  state: string;
  readonly requestedAt: string;
  readonly startedAt: string;
  completedAt: string | null;
  assistantMessageId: string | null;
}

export interface SessionRow {
  readonly threadId: string;
  status: string;
  readonly providerName: string | null;
  readonly providerInstanceId?: string;
  readonly runtimeMode: string;
  activeTurnId: string | null;
  lastError: string | null;
  updatedAt: string;
}

export interface MessageRow {
  readonly id: string;
  readonly role: "user" | "assistant";
  text: string;
  readonly attachments?: readonly unknown[];
  readonly turnId: string | null;
  readonly streaming: boolean;
  readonly createdAt: string;
  updatedAt: string;
}

export interface ActivityRow {
  readonly id: string;
  readonly tone: string;
  readonly kind: string;
  readonly summary: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly turnId: string | null;
  readonly createdAt: string;
}

export interface ThreadRow {
  readonly id: string;
  readonly projectId: string;
  readonly title: string;
  readonly modelSelection: ModelSelection;
  readonly runtimeMode: string;
  readonly interactionMode: string;
  readonly branch: string | null;
  readonly worktreePath: string | null;
  latestTurn: TurnRow | null;
  readonly createdAt: string;
  updatedAt: string;
  archivedAt: string | null;
  settledOverride: string | null;
  settledAt: string | null;
  readonly snoozedUntil: null;
  readonly snoozedAt: null;
  readonly pinnedAt: null;
  readonly titleRegeneration: null;
  deletedAt: string | null;
  messages: MessageRow[];
  readonly proposedPlans: readonly unknown[];
  activities: ActivityRow[];
  readonly checkpoints: readonly unknown[];
  session: SessionRow | null;
}

/** The row of the shell: no bodies, but flags. */
export function shellThread(thread: ThreadRow): Readonly<Record<string, unknown>> {
  const {
    deletedAt: _deletedAt,
    messages,
    proposedPlans: _plans,
    activities,
    checkpoints: _checkpoints,
    ...row
  } = thread;
  const sent = messages.filter(({ role }) => role === "user").map(({ createdAt }) => createdAt);
  return {
    ...row,
    latestUserMessageAt: sent.toSorted().at(-1) ?? null,
    hasPendingApprovals: isOpen(activities, "approval"),
    hasPendingUserInput: isOpen(activities, "user-input"),
    hasActionableProposedPlan: false,
    backgroundLiveness: null,
    planProgress: null,
  };
}

export function isOpen(activities: readonly ActivityRow[], what: "approval" | "user-input"): boolean {
  const count = (kind: string): number => activities.filter((one) => one.kind === `${what}.${kind}`).length;
  return count("requested") > count("resolved");
}
