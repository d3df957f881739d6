// Reads the details of chosen issues with their cards and the facts of their repos.
import { type CardReading, readCard } from "../core/card-reading.ts";
import type { PlacedThread } from "../core/fleet.ts";
import { type IssueDetail, type IssueRef, issueName, type RepoFacts } from "../core/issue.ts";
import type { Gap, Observation } from "../core/observation.ts";
import { trustOf } from "../core/trust.ts";
import type { Tools } from "../tools.ts";
import { ask, gapOf } from "./ask.ts";

/** What was read so far about one issue. */
export interface SeenIssue {
  readonly ref: IssueRef;
  readonly detail: Observation<IssueDetail | null>;
  /** Null when the details could not be read or the issue is gone. */
  readonly card: CardReading | null;
  readonly facts: RepoFacts | null;
  readonly live: readonly PlacedThread[];
}

/** Reads the details of issues; what cannot be read becomes a gap and stays in the list as unknown. */
export async function readDetails(
  tools: Tools,
  refs: readonly IssueRef[],
  gaps: Gap[],
): Promise<readonly SeenIssue[]> {
  if (refs.length === 0) return [];
  const answer = await ask(() => tools.tracker.readIssues(refs));
  if (!answer.known) {
    gaps.push(...gapOf("tracker", answer));
    return refs.map(({ repo, number }) => ({
      ref: { repo, number },
      detail: answer,
      card: null,
      facts: null,
      live: [],
    }));
  }
  const facts = new Map<string, RepoFacts>();
  for (const repo of answer.value.repos) {
    gaps.push(...gapOf(repo.repo, repo.facts));
    if (repo.facts.known) facts.set(repo.repo, repo.facts.value);
  }
  return answer.value.issues.map(({ ref, detail }) => {
    gaps.push(...gapOf(issueName(ref), detail));
    const card = detail.known && detail.value !== null ? readCard(detail.value, tools.signer) : null;
    return {
      ref: { repo: ref.repo, number: ref.number },
      detail,
      card,
      facts: facts.get(ref.repo) ?? null,
      live: [],
    };
  });
}

/** Warns when the account of afk itself applied a ready label that counts: the agent may have the same account (DESIGN section 3). */
export function warnOfOwnLabels(tools: Tools, seen: readonly SeenIssue[]): void {
  const logins = new Set<string>();
  for (const { ref, detail } of seen) {
    const actor = detail.known ? (detail.value?.arming?.actor ?? null) : null;
    if (actor?.self === true && trustOf(actor, tools.policyOf(ref.repo)).trusted) logins.add(actor.login);
  }
  for (const login of logins)
    tools.log.warn(
      `${login} is afk's own account and in AFK_TRUSTED_ACTORS: the agent could arm issues itself.`,
    );
}
