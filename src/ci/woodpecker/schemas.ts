// The parts of Woodpecker's answers that are used, by the names its API gives them (version 2 and 3).
import * as z from "zod/mini";

export const UserSchema = z.object({ login: z.string() });

export const RepoSchema = z.object({
  id: z.int().check(z.positive()),
  full_name: z.string(),
  default_branch: z.string().check(z.minLength(1)),
  active: z.boolean(),
});

/** Why a pipeline was cancelled; servers before version 3 do not say. */
const CancelInfoSchema = z.object({
  superseded_by: z._default(z.int(), 0),
  canceled_by_user: z._default(z.string(), ""),
  canceled_by_step: z._default(z.string(), ""),
});

/** As a list has it: without workflows. Words stay as they are, so that unknown ones can be named. */
export const PipelineSchema = z.object({
  number: z.int().check(z.positive()),
  /** Not 0 when it is a restart of another pipeline. */
  parent: z._default(z.int(), 0),
  event: z.string(),
  status: z.string(),
  commit: z.string(),
  branch: z.string(),
  cancel_info: z.nullish(CancelInfoSchema),
});

const StepSchema = z.object({
  id: z.int(),
  pid: z.int(),
  name: z.string(),
  state: z.string(),
  exit_code: z._default(z.int(), 0),
  error: z._default(z.string(), ""),
});

const WorkflowSchema = z.object({
  pid: z.int(),
  name: z.string(),
  state: z.string(),
  error: z._default(z.string(), ""),
  children: z.nullish(z.array(StepSchema)),
});

export const PipelineDetailSchema = z.extend(PipelineSchema, {
  errors: z.nullish(z.array(z.object({ message: z.string(), is_warning: z._default(z.boolean(), false) }))),
  workflows: z.nullish(z.array(WorkflowSchema)),
});

/** One line of a step's output; `data` is base64, and null when the line is empty. */
export const LogEntrySchema = z.object({
  data: z.nullish(z.string()),
  type: z._default(z.int(), 0),
});

export type Pipeline = z.infer<typeof PipelineSchema>;
export type PipelineDetail = z.infer<typeof PipelineDetailSchema>;
export type Workflow = z.infer<typeof WorkflowSchema>;
export type Step = z.infer<typeof StepSchema>;
export type LogEntry = z.infer<typeof LogEntrySchema>;
