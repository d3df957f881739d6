// The parts of a Deployment (apps/v1) that are used; what the API server leaves out because it is zero is zero here.
import * as z from "zod";

const Texts = z.record(z.string(), z.string()).default({});
const Metadata = z.object({ labels: Texts, annotations: Texts });
const Count = z.number().int().nonnegative();

export const DeploymentSchema = z.object({
  kind: z.literal("Deployment"),
  metadata: Metadata.extend({ generation: Count }),
  spec: z.object({
    // The server's own default.
    replicas: Count.default(1),
    paused: z.boolean().default(false),
    template: z.object({
      metadata: Metadata.default({ labels: {}, annotations: {} }),
      spec: z.object({
        containers: z.array(z.object({ name: z.string(), image: z.string().default("") })).min(1),
      }),
    }),
  }),
  status: z
    .object({
      observedGeneration: Count.default(0),
      replicas: Count.default(0),
      updatedReplicas: Count.default(0),
      availableReplicas: Count.default(0),
      conditions: z
        .array(
          z.object({ type: z.string(), reason: z.string().default(""), message: z.string().default("") }),
        )
        .default([]),
    })
    .default({
      observedGeneration: 0,
      replicas: 0,
      updatedReplicas: 0,
      availableReplicas: 0,
      conditions: [],
    }),
});

export type Deployment = z.infer<typeof DeploymentSchema>;
