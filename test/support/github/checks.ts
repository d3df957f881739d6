// Checks as tests write them down.
import type { Check } from "./state.ts";

type Run = Extract<Check, { readonly kind: "run" }>;
type Status = Extract<Check, { readonly kind: "status" }>;
type Suite = Extract<Check, { readonly kind: "suite" }>;

/** A check run of the workflow `CI` that passed, unless told otherwise. */
export function checkRun(change: Partial<Run> = {}): Run {
  return {
    kind: "run",
    name: "test",
    status: "COMPLETED",
    conclusion: "SUCCESS",
    workflow: "CI",
    event: "push",
    startedAt: "2026-11-20T09:00:00Z",
    url: "https://github.com/acme/shop/actions/runs/1/job/2",
    output: { title: "", summary: "", notes: [] },
    ...change,
  };
}

/** A commit status that is a success, unless told otherwise. */
export function status(change: Partial<Status> = {}): Status {
  return {
    kind: "status",
    context: "ci/woodpecker/push/test",
    state: "SUCCESS",
    description: null,
    url: "https://ci.example.com/1",
    createdAt: "2026-11-20T09:00:00Z",
    ...change,
  };
}

/** A workflow run without a check, still queued unless told otherwise. */
export function suite(change: Partial<Suite> = {}): Suite {
  return {
    kind: "suite",
    workflow: "Broken",
    event: "push",
    status: "QUEUED",
    conclusion: null,
    createdAt: "2026-11-20T09:00:00Z",
    ...change,
  };
}
