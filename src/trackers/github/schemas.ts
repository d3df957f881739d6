// The shapes of GitHub's answers, with only the fields that are used; a word that GitHub adds later stays text.
import * as z from "zod";

/** Milliseconds since the epoch. */
const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const RawActor = z.object({ kind: z.string(), login: z.string() });
export type RawActor = z.infer<typeof RawActor>;

const Forward = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const Labels = z.object({ nodes: z.array(z.object({ name: z.string() })) });

export const RawListed = z.object({
  number: z.int(),
  title: z.string(),
  url: z.string(),
  state: z.string(),
  labels: Labels.optional(),
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
  // Too large for a number by now.
  fullDatabaseId: z.union([z.string(), z.number()]).transform(String),
  viewerDidAuthor: z.boolean(),
  createdAt: Time,
  body: z.string(),
});

export const CommentPage = z.object({ pageInfo: Forward, nodes: z.array(RawComment) });
export type CommentPage = z.infer<typeof CommentPage>;
export const CommentsNode = z.object({ comments: CommentPage });

const Label = z.object({ name: z.string() });
const TimelineItem = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("LabeledEvent"),
    id: z.string(),
    createdAt: Time,
    actor: RawActor.nullable(),
    label: Label,
  }),
  z.object({ kind: z.literal("UnlabeledEvent"), createdAt: Time, label: Label }),
  z.object({
    kind: z.literal("ClosedEvent"),
    createdAt: Time,
    closer: z
      .object({
        kind: z.string(),
        oid: z.string().optional(),
        mergeCommit: z.object({ oid: z.string() }).nullish(),
      })
      .nullable(),
  }),
  z.object({ kind: z.literal("ReopenedEvent"), createdAt: Time }),
  z.object({ kind: z.literal("RenamedTitleEvent"), createdAt: Time, actor: RawActor.nullable() }),
]);
export type TimelineItem = z.infer<typeof TimelineItem>;

export const TimelinePage = z.object({
  pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
  nodes: z.array(TimelineItem),
});
export const TimelineNode = z.object({ timelineItems: TimelinePage });

export const RawIssue = RawListed.extend({
  id: z.string(),
  labels: Labels,
  body: z.string(),
  createdAt: Time,
  lastEditedAt: Time.nullable(),
  author: RawActor.nullable(),
  editor: RawActor.nullable(),
  userContentEdits: z
    .object({
      totalCount: z.int(),
      nodes: z.array(z.object({ editedAt: Time, editor: RawActor.nullable() })),
    })
    .nullable(),
  comments: CommentPage,
  timelineItems: TimelinePage,
  issueDependenciesSummary: z.object({ blockedBy: z.int() }).optional(),
  blockedBy: z
    .object({
      // Null: a blocker that the token may not see.
      nodes: z.array(
        z
          .object({
            number: z.int(),
            state: z.string(),
            repository: z.object({ nameWithOwner: z.string() }),
          })
          .nullable(),
      ),
    })
    .optional(),
  subIssues: z
    .object({ totalCount: z.int(), nodes: z.array(z.object({ state: z.string() }).nullable()) })
    .optional(),
});
export type RawIssue = z.infer<typeof RawIssue>;

export const Viewer = z.object({ login: z.string() });

export const DetailRepo = z.object({
  hasIssuesEnabled: z.boolean(),
  defaultBranchRef: z.object({ name: z.string(), target: z.object({ oid: z.string() }) }).nullable(),
});

export const StateRepo = z.object({
  it: z.object({ issueState: z.string().optional(), pullState: z.string().optional() }).nullable(),
});

export const CheckedRepo = z.object({
  nameWithOwner: z.string(),
  hasIssuesEnabled: z.boolean(),
  isArchived: z.boolean(),
  viewerPermission: z.string().nullable(),
  defaultBranchRef: z.object({ name: z.string() }).nullable(),
  ready: Label.nullable(),
  inProgress: Label.nullable(),
  human: Label.nullable(),
});

export const PermissionAnswer = z.object({
  permission: z.string(),
  user: z
    .object({
      permissions: z
        .object({
          pull: z.boolean().optional(),
          triage: z.boolean().optional(),
          push: z.boolean().optional(),
          maintain: z.boolean().optional(),
          admin: z.boolean().optional(),
        })
        .nullish(),
    })
    .nullish(),
});
export type PermissionAnswer = z.infer<typeof PermissionAnswer>;

export const WrittenComment = z.object({ id: z.union([z.string(), z.number()]).transform(String) });
export const LabelList = z.array(Label);
