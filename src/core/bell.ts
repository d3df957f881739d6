// What a doorbell says: it notifies, it never controls.

export type BellKind = "done" | "needs-human" | "frozen" | "waiting";

export interface Bell {
  readonly kind: BellKind;
  readonly repo: string;
  readonly issue: number;
  readonly title: string;
  /** The reason code. */
  readonly reason: string;
  /** One sentence. */
  readonly message: string;
  readonly threadUrl: string | null;
  readonly issueUrl: string | null;
  /** Lets a receiver drop a repeat: the same for every ring of one (thread, arming, kind). */
  readonly dedupeKey: string;
}
