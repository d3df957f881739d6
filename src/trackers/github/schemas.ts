// The shapes of GitHub's answers, with only the fields that are used; a word that GitHub adds later stays text.
import * as z from "zod/mini";

/** Milliseconds since the epoch. */
const Time = z.pipe(
  z.iso.datetime({ offset: true }),
  z.transform((text) => Date.parse(text)),
);

export const RawActor = z.object({ kind: z.string(), login: z.string() });
export type RawActor = z.infer<typeof RawActor>;

const Forward = z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) });
const Labels = z.object({ nodes: z.array(z.object({ name: z.string() })) });

export const RawListed = z.object({
  number: z.int(),
  title: z.string(),
  url: z.string(),
  state: z.string(),
  labels: z.optional(Labels),
});
export type RawListed = z.infer<typeof RawListed>;

export const ListedPage = z.object({ pageInfo: Forward, nodes: z.array(RawListed) });

export const ListedRepo = z.object({
  nameWithOwner: z.string(),
  hasIssuesEnabled: z.boolean(),
  isArchived: z.boolean(),
  ready: ListedPage,
  inProgress: ListedPage,
  human: ListedPage,
});

export const NextListedPage = z.object({ page: ListedPage });

const RawComment = z.object({
  id: z.string(),
  // Too large for a number by now.
  fullDatabaseId: z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
  viewerDidAuthor: z.boolean(),
  createdAt: Time,
  body: z.string(),
});

export const CommentPage = z.object({ pageInfo: Forward, nodes: z.array(RawComment) });
export type CommentPage = z.infer<typeof CommentPage>;
export const CommentsNode = z.object({ comments: CommentPage });

/** Null: an edit that was deleted from the history, or a comment without one. */
export const EditsNode = z.object({
  userContentEdits: z.nullable(
    z.object({ nodes: z.array(z.nullable(z.object({ diff: z.nullable(z.string()) }))) }),
  ),
});

const Label = z.object({ name: z.string() });
const TimelineItem = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("LabeledEvent"),
    id: z.string(),
    createdAt: Time,
    actor: z.nullable(RawActor),
    label: Label,
  }),
  z.object({ kind: z.literal("UnlabeledEvent"), createdAt: Time, label: Label }),
  z.object({
    kind: z.literal("ClosedEvent"),
    createdAt: Time,
    closer: z.nullable(
      z.object({
        kind: z.string(),
        oid: z.optional(z.string()),
        mergeCommit: z.nullish(z.object({ oid: z.string() })),
      }),
    ),
  }),
  z.object({ kind: z.literal("ReopenedEvent"), createdAt: Time }),
  z.object({ kind: z.literal("RenamedTitleEvent"), createdAt: Time, actor: z.nullable(RawActor) }),
]);
export type TimelineItem = z.infer<typeof TimelineItem>;

export const TimelinePage = z.object({
  pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.nullable(z.string()) }),
  nodes: z.array(TimelineItem),
});
export const TimelineNode = z.object({ timelineItems: TimelinePage });

export const RawIssue = z.extend(RawListed, {
  id: z.string(),
  labels: Labels,
  body: z.string(),
  createdAt: Time,
  lastEditedAt: z.nullable(Time),
  author: z.nullable(RawActor),
  editor: z.nullable(RawActor),
  userContentEdits: z.nullable(
    z.object({
      totalCount: z.int(),
      nodes: z.array(z.object({ editedAt: Time, editor: z.nullable(RawActor) })),
    }),
  ),
  comments: CommentPage,
  timelineItems: TimelinePage,
  issueDependenciesSummary: z.optional(z.object({ blockedBy: z.int() })),
  blockedBy: z.optional(
    z.object({
      // Null: a blocker that the token may not see.
      nodes: z.array(
        z.nullable(
          z.object({
            number: z.int(),
            state: z.string(),
            repository: z.object({ nameWithOwner: z.string() }),
          }),
        ),
      ),
    }),
  ),
  subIssues: z.optional(
    z.object({ totalCount: z.int(), nodes: z.array(z.nullable(z.object({ state: z.string() }))) }),
  ),
});
export type RawIssue = z.infer<typeof RawIssue>;

export const Viewer = z.object({ login: z.string() });

export const DetailRepo = z.object({
  hasIssuesEnabled: z.boolean(),
  defaultBranchRef: z.nullable(z.object({ name: z.string(), target: z.object({ oid: z.string() }) })),
});
/** What the issues of a repo need of it, also where its branch cannot be read. */
export const BranchlessRepo = z.partial(DetailRepo, { defaultBranchRef: true });

export const StateRepo = z.object({
  it: z.nullable(z.object({ issueState: z.optional(z.string()), pullState: z.optional(z.string()) })),
});

export const CheckedRepo = z.object({
  nameWithOwner: z.string(),
  hasIssuesEnabled: z.boolean(),
  isArchived: z.boolean(),
  viewerPermission: z.nullable(z.string()),
  defaultBranchRef: z.nullable(z.object({ name: z.string() })),
  ready: z.nullable(Label),
  inProgress: z.nullable(Label),
  human: z.nullable(Label),
});

export const PermissionAnswer = z.object({
  permission: z.string(),
  user: z.nullish(
    z.object({
      permissions: z.nullish(
        z.object({
          pull: z.optional(z.boolean()),
          triage: z.optional(z.boolean()),
          push: z.optional(z.boolean()),
          maintain: z.optional(z.boolean()),
          admin: z.optional(z.boolean()),
        }),
      ),
    }),
  ),
});
export type PermissionAnswer = z.infer<typeof PermissionAnswer>;

export const WrittenComment = z.object({
  id: z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
});
export const LabelList = z.array(Label);
