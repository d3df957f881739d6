// What Woodpecker's status words mean for a verdict.

export type Word = "green" | "red" | "held" | "cancelled" | "skipped" | "pending" | "unknown";

/** Folds a word of a pipeline; a word that is not known proves nothing. */
export function wordOf(status: string): Word {
  switch (status) {
    case "success":
      return "green";
    case "failure":
    case "error":
    case "declined":
      return "red";
    case "killed":
    case "canceled":
      return "cancelled";
    case "blocked":
      return "held";
    case "skipped":
      return "skipped";
    case "created":
    case "pending":
    case "running":
      return "pending";
    default:
      return "unknown";
  }
}

/** Whether a workflow or step failed by itself, and was not only stopped from outside. */
export function hasFailed(part: { readonly state: string }): boolean {
  return wordOf(part.state) === "red";
}

export function wasStopped(part: { readonly state: string }): boolean {
  return wordOf(part.state) === "cancelled";
}
