// The parts of Woodpecker's answers that are used, by the names its API gives them (version 2 and 3).
import * as z from "zod";

export const UserSchema = z.object({ login: z.string() });

export const RepoSchema = z.object({
  id: z.number().int().positive(),
  full_name: z.string(),
  default_branch: z.string().min(1),
  active: z.boolean(),
});

/** Why a pipeline was cancelled; servers before version 3 do not say. */
const CancelInfoSchema = z.object({
  superseded_by: z.number().int().default(0),
  canceled_by_user: z.string().default(""),
  canceled_by_step: z.string().default(""),
});

/** As a list has it: without workflows. Words stay as they are, so that unknown ones can be named. */
export const PipelineSchema = z.object({
  number: z.number().int().positive(),
  /** Not 0 when it is a restart of another pipeline. */
  parent: z.number().int().default(0),
  event: z.string(),
  status: z.string(),
  commit: z.string(),
  branch: z.string(),
  cancel_info: CancelInfoSchema.nullish(),
});

const StepSchema = z.object({
  id: z.number().int(),
  pid: z.number().int(),
  name: z.string(),
  state: z.string(),
  exit_code: z.number().int().default(0),
  error: z.string().default(""),
});

const WorkflowSchema = z.object({
  pid: z.number().int(),
  name: z.string(),
  state: z.string(),
  error: z.string().default(""),
  children: z.array(StepSchema).nullish(),
});

export const PipelineDetailSchema = PipelineSchema.extend({
  errors: z.array(z.object({ message: z.string(), is_warning: z.boolean().default(false) })).nullish(),
  workflows: z.array(WorkflowSchema).nullish(),
});

/** One line of a step's output; `data` is base64, and null when the line is empty. */
export const LogEntrySchema = z.object({
  data: z.string().nullish(),
  type: z.number().int().default(0),
});

export type Pipeline = z.infer<typeof PipelineSchema>;
export type PipelineDetail = z.infer<typeof PipelineDetailSchema>;
export type Workflow = z.infer<typeof WorkflowSchema>;
export type Step = z.infer<typeof StepSchema>;
export type LogEntry = z.infer<typeof LogEntrySchema>;
