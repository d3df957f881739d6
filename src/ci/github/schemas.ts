// The shapes of what GitHub says about commits, with only the fields that are used; unknown words stay text.
import * as z from "zod/mini";

/** Milliseconds since the epoch. */
const Time = z.pipe(
  z.iso.datetime({ offset: true }),
  z.transform((text) => Date.parse(text)),
);

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
  conclusion: z.nullable(z.string()),
  startedAt: z.nullable(Time),
  completedAt: z.nullable(Time),
  detailsUrl: z.nullable(z.string()),
  permalink: z.nullable(z.string()),
  checkSuite: z.object({
    id: z.string(),
    app: z.nullable(z.object({ slug: z.string() })),
    workflowRun: z.nullable(WorkflowRun),
  }),
});
export type CheckRun = z.infer<typeof CheckRun>;

const StatusContext = z.object({
  kind: z.literal("StatusContext"),
  context: z.string(),
  state: z.string(),
  description: z.nullable(z.string()),
  targetUrl: z.nullable(z.string()),
  createdAt: Time,
});
export type StatusContext = z.infer<typeof StatusContext>;

const Context = z.discriminatedUnion("kind", [CheckRun, StatusContext]);
export type Context = z.infer<typeof Context>;

const Contexts = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
  nodes: z.array(Context),
});

const CheckSuite = z.object({
  id: z.string(),
  status: z.string(),
  conclusion: z.nullable(z.string()),
  createdAt: Time,
  workflowRun: z.nullable(WorkflowRun),
});
export type CheckSuite = z.infer<typeof CheckSuite>;

export const CommitChecks = z.object({
  statusCheckRollup: z.nullable(z.object({ state: z.string(), contexts: Contexts })),
  checkSuites: z.nullable(z.object({ nodes: z.array(CheckSuite) })),
});
export const CommitRepo = z.object({ object: z.nullable(CommitChecks) });

export const MoreContexts = z.object({
  object: z.nullable(z.object({ statusCheckRollup: z.nullable(z.object({ contexts: Contexts })) })),
});

export const CheckOutput = z.partial(
  z.object({
    title: z.nullable(z.string()),
    summary: z.nullable(z.string()),
    text: z.nullable(z.string()),
    annotations: z.nullable(
      z.object({
        nodes: z.array(
          z.nullable(
            z.object({
              path: z.string(),
              message: z.string(),
              location: z.object({ start: z.object({ line: z.int() }) }),
            }),
          ),
        ),
      }),
    ),
  }),
);
export type CheckOutput = z.infer<typeof CheckOutput>;
export const OutputNodes = z.array(z.nullable(CheckOutput));

export const ProbedRepo = z.object({
  defaultBranchRef: z.nullable(
    z.object({
      target: z.object({
        statusCheckRollup: z.nullable(z.object({ contexts: z.object({ totalCount: z.int() }) })),
      }),
    }),
  ),
});
