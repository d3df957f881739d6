// Every reason code, with the sentence of what to do about it; README shows this table and a test compares them.

/** Why an issue is not dispatched (DESIGN section 3), and what to do about it. */
export const HOLD_REASONS = {
  not_allowlisted: "The repo is not in AFK_ALLOWLIST: add it there if afk may work on it.",
  not_ready:
    "The issue is closed or lost its ready label before it was dispatched: apply the label again if you want a run.",
  in_progress:
    "A run of this issue exists, or somebody set the in-progress label: wait, or remove the label to take the issue back.",
  already_ran:
    "This application of the ready label already had its run: remove the label and apply it again for another one.",
  with_human:
    "The issue carries the human label: remove it and apply the ready label again when a person is done with it.",
  card_unreadable:
    "The run card cannot be read or believed: check AFK_STATE_KEY, or delete the comment if somebody damaged it.",
  untrusted_label:
    "The ready label was not applied by somebody afk may trust: let such a person apply it again, or see AFK_TRUSTED_ACTORS.",
  untrusted_label_self:
    "The ready label was applied by afk's or the agent's own account: let a person apply it, or list the account in AFK_TRUSTED_ACTORS.",
  edited_after_label:
    "Title or body changed after the ready label: read the issue again, remove the label and apply it again.",
  no_edit_history:
    "The tracker cannot show whether the text changed after the label, and its author is not trusted: let a trusted person write the issue.",
  blocked: "A blocker is still open, or waits for this issue itself: it is named in the message.",
  blocker_unreadable: "A blocker cannot be read or is outside the allowlist: it is named in the message.",
  open_sub_issues: "The issue has open sub-issues: they come first.",
  base_red:
    "The default branch's newest commit is red: the agent would inherit a broken base. Mend it first.",
  base_unknown: "The default branch or its verdict could not be read: the next tick tries again.",
  repo_frozen: "Another issue of the repo has a frozen run that waits for a person: settle that first.",
  repo_busy: "Every lane of the repo has a run: it will be this issue's turn later (see AFK_MAX_PER_REPO).",
  fleet_full: "AFK_MAX_IN_FLIGHT runs are live: it will be this issue's turn later.",
  tick_full: "This tick already started AFK_MAX_DISPATCH_PER_TICK runs: a later tick starts this one.",
  rate_limited:
    "The tracker's rate limit is nearly used up, and what is left is for the runs there are: a later tick starts this one.",
  executor_unknown: "The executor could not be asked, and without its answer nothing is dispatched.",
  issue_unreadable: "The issue's details could not be read: see the gaps of the report.",
  renamed: "The tracker knows the repo by another name now: change AFK_ALLOWLIST.",
  not_selected: "--repo or --issue left it out of this tick.",
} as const;

/** Why a run is treated as it is (DESIGN section 4). */
export const RUN_REASONS = {
  finishing: "The run has ended; its last writes are being made.",
  handed_over: "A person took the issue back: afk stopped the agent and changes nothing more.",
  issue_gone: "The issue is no longer there: afk stopped the agent.",
  halted: "AFK_HALT is set: every run is stopped and handed to a person.",
  verified: "The commit of this run is on the default branch and every stage is green.",
  agent_busy: "The agent is at work, or was sent a turn moments ago.",
  just_ended: "The agent ended moments ago; a commit of it may still show up.",
  fix_time_exhausted: "The commit stayed red for AFK_FIX_FORWARD_MAX_SECONDS: a person must decide.",
  attempts_exhausted: "AFK_FIX_FORWARD_MAX_ATTEMPTS turns did not make it green: a person must decide.",
  budget_exhausted: "The run spent AFK_BUDGET_USD.",
  thread_lost: "The executor no longer has the agent, or its process died without a word.",
  ci_red: "The commit is red: the agent gets the failing jobs and one more turn.",
  ci_pending: "The commit is pushed and has no verdict yet.",
  ci_requested: "The commit is pushed; its verdict was asked for.",
  ci_timeout: "There was no verdict for AFK_CI_MAX_SECONDS: see whether CI runs at all.",
  ci_held: "A person must approve the CI job.",
  commits_unknown: "The default branch could not be read, so nobody knows whether the agent pushed.",
  waiting_for_human: "The agent waits for an answer or an approval: open the thread.",
  no_answer: "Nobody answered the agent within AFK_HUMAN_WAIT_SECONDS.",
  agent_failed: "The agent's last turn failed.",
  nothing_pushed: "The agent ended its work without landing a commit of this run.",
  stalled: "The agent said nothing for AFK_STALL_SECONDS.",
  run_timeout: "The run took longer than AFK_RUN_MAX_SECONDS.",
  too_old: "The run is older than all its budgets together.",
  executor_unknown: "The executor could not be asked about the run.",
  card_unreadable:
    "The run card cannot be read or believed: check AFK_STATE_KEY, or delete the comment if somebody damaged it.",
  card_missing: "The run's card is gone, and its budgets with it: a person must decide.",
  adopted: "A tick died between starting the run and recording it: card and label are made now.",
  not_allowlisted: "The repo left AFK_ALLOWLIST: the agent is stopped, the tracker is not touched.",
  duplicate: "A second thread of the same issue: it is stopped.",
  empty_thread: "A tick died before it told the agent anything: the empty thread is removed.",
  with_person:
    "The run has ended, and a person goes on with its agent: afk leaves both alone. The lane stays taken meanwhile.",
  starting: "The thread was made moments ago and has no message yet.",
  no_run: "The in-progress label has no run: a person set it, or the run is gone. Remove the label.",
  issue_unreadable: "The issue's details could not be read: see the gaps of the report.",
  not_selected: "--repo or --issue left it out of this tick.",
} as const;

export type HoldReason = keyof typeof HOLD_REASONS;
export type RunReason = keyof typeof RUN_REASONS;
