// What the servers of the benchmark are asked to be, and what they say of the requests that they got.

export const STATE_KEY = "the-state-key-of-the-benchmark-32";
/** The account that labels. */
export const LABELER = "alice";
export const OWN_ACCOUNT = "afk";

export interface Fleet {
  readonly repos: number;
  /** Spread evenly over the repos; all carry the ready label, and each has a thread. */
  readonly issues: number;
  /** Which of them are in progress, with their thread at work: every one, or one in each repo. */
  readonly runs: "all" | "one";
}

export interface ServerOptions extends Fleet {
  readonly latencyMilliseconds: number;
  /** At least so much is what T3 answers: threads of other people until it is that much. */
  readonly executorBytes: number;
}

/** One request: what it was, and when it came and was answered, in milliseconds. */
export interface Traced {
  readonly kind: string;
  readonly isWrite: boolean;
  readonly from: number;
  readonly to: number;
}

/** How many issues the repo with this number has; the first ones have one more where it does not come out even. */
export function issuesOf({ repos, issues }: Pick<Fleet, "repos" | "issues">, index: number): number {
  return Math.max(0, Math.ceil((issues - index) / repos));
}

/** How afk names the repo with this number: the servers listen on this host, which is a GitHub Enterprise Server to it. */
export function repoAt(index: number): string {
  return `127.0.0.1/acme/r${index}`;
}

/** The variables of a tick on GitHub and T3 for so many repos; those who label are trusted by name. */
export function productionEnvironment(origin: string, repos: number): Readonly<Record<string, string>> {
  return {
    AFK_KILL_SWITCH: "false",
    AFK_ALLOWLIST: Array.from({ length: repos }, (_, index) => repoAt(index)).join(","),
    AFK_TRACKER: "github",
    AFK_GITHUB_API_URL: origin,
    AFK_GITHUB_TOKEN: "none",
    AFK_EXECUTOR: "t3",
    AFK_T3_URL: origin,
    AFK_T3_TOKEN: "none",
    AFK_CI: "github",
    AFK_STATE_KEY: STATE_KEY,
    AFK_TRUSTED_ACTORS: LABELER,
    AFK_TICK_MAX_SECONDS: "3600",
    AFK_MAX_IN_FLIGHT: "1000",
  };
}
