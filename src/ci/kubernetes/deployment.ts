// The parts of a Deployment (apps/v1) that are used; what the API server leaves out because it is zero is zero here.
import * as z from "zod/mini";

const Texts = z._default(z.record(z.string(), z.string()), {});
const Metadata = z.object({ labels: Texts, annotations: Texts });
const Count = z.int().check(z.nonnegative());

export const DeploymentSchema = z.object({
  kind: z.literal("Deployment"),
  metadata: z.extend(Metadata, { generation: Count }),
  spec: z.object({
    // The server's own default.
    replicas: z._default(Count, 1),
    paused: z._default(z.boolean(), false),
    template: z.object({
      metadata: z._default(Metadata, { labels: {}, annotations: {} }),
      spec: z.object({
        containers: z
          .array(z.object({ name: z.string(), image: z._default(z.string(), "") }))
          .check(z.minLength(1)),
      }),
    }),
  }),
  status: z._default(
    z.object({
      observedGeneration: z._default(Count, 0),
      replicas: z._default(Count, 0),
      updatedReplicas: z._default(Count, 0),
      availableReplicas: z._default(Count, 0),
      conditions: z._default(
        z.array(
          z.object({
            type: z.string(),
            reason: z._default(z.string(), ""),
            message: z._default(z.string(), ""),
          }),
        ),
        [],
      ),
    }),
    {
      observedGeneration: 0,
      replicas: 0,
      updatedReplicas: 0,
      availableReplicas: 0,
      conditions: [],
    },
  ),
});

export type Deployment = z.infer<typeof DeploymentSchema>;
