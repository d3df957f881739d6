// What CI and the rollout say about one commit, and how the stages fold into one verdict.

export interface Failure {
  readonly name: string;
  readonly url: string | null;
  /** The last lines of its output; empty when they cannot be had. */
  readonly log: string;
}

/** One stage's word on one commit. */
export type StageVerdict =
  /** Nothing has started for this commit. `canRequest`: we may start it ourselves. */
  | { readonly kind: "none"; readonly canRequest: boolean }
  | { readonly kind: "pending"; readonly message: string }
  /** A person must approve the job. */
  | { readonly kind: "held"; readonly message: string; readonly url: string | null }
  | { readonly kind: "green"; readonly message: string; readonly url: string | null }
  | { readonly kind: "red"; readonly failures: readonly Failure[] };
