// The shapes of what GitHub says about commits, with only the fields that are used; unknown words stay text.
import * as z from "zod";

/** Milliseconds since the epoch. */
const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const WorkflowRun = z.object({
  event: z.string(),
  url: z.string(),
  workflow: z.object({ name: z.string() }),
});

const CheckRun = z.object({
  kind: z.literal("CheckRun"),
  id: z.string(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  startedAt: Time.nullable(),
  completedAt: Time.nullable(),
  detailsUrl: z.string().nullable(),
  permalink: z.string().nullable(),
  checkSuite: z.object({
    id: z.string(),
    app: z.object({ slug: z.string() }).nullable(),
    workflowRun: WorkflowRun.nullable(),
  }),
});
export type CheckRun = z.infer<typeof CheckRun>;

const StatusContext = z.object({
  kind: z.literal("StatusContext"),
  context: z.string(),
  state: z.string(),
  description: z.string().nullable(),
  targetUrl: z.string().nullable(),
  createdAt: Time,
});
export type StatusContext = z.infer<typeof StatusContext>;

const Context = z.discriminatedUnion("kind", [CheckRun, StatusContext]);
export type Context = z.infer<typeof Context>;

const Contexts = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(Context),
});

const CheckSuite = z.object({
  id: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  createdAt: Time,
  workflowRun: WorkflowRun.nullable(),
});
export type CheckSuite = z.infer<typeof CheckSuite>;

export const CommitChecks = z.object({
  statusCheckRollup: z.object({ state: z.string(), contexts: Contexts }).nullable(),
  checkSuites: z.object({ nodes: z.array(CheckSuite) }).nullable(),
});
export const CommitRepo = z.object({ object: CommitChecks.nullable() });

export const MoreContexts = z.object({
  object: z.object({ statusCheckRollup: z.object({ contexts: Contexts }).nullable() }).nullable(),
});

export const CheckOutput = z
  .object({
    title: z.string().nullable(),
    summary: z.string().nullable(),
    text: z.string().nullable(),
    annotations: z
      .object({
        nodes: z.array(
          z
            .object({
              path: z.string(),
              message: z.string(),
              location: z.object({ start: z.object({ line: z.int() }) }),
            })
            .nullable(),
        ),
      })
      .nullable(),
  })
  .partial();
export type CheckOutput = z.infer<typeof CheckOutput>;
export const OutputNodes = z.array(CheckOutput.nullable());

export const ProbedRepo = z.object({
  defaultBranchRef: z
    .object({
      target: z.object({
        statusCheckRollup: z.object({ contexts: z.object({ totalCount: z.int() }) }).nullable(),
      }),
    })
    .nullable(),
});
