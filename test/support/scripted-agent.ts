// A shell script that stands in for a coding agent: it reads its prompt and really commits and lands.

/**
 * The agent does what the title says: `land`, `land red` (and green when told to mend it), `land red for ever`,
 * `land red and spend` (2.5 dollars a turn), `give up`, `hang`. What it was told is in `heard/<issue>-<turn>`.
 */
export const AGENT = `#!/bin/sh
prompt=$(cat)
first=$(printf '%s\\n' "$prompt" | head -n 1)
thread=$(printf '%s' "$first" | cut -d' ' -f2)
issue=$(printf '%s\\n' "$prompt" | sed -n 's/^ *Refs #\\([0-9]*\\)$/\\1/p' | head -n 1)
title=$(cat "$WORLD/titles/$issue")
landing=$(printf '%s\\n' "$prompt" |
  sed -n -e 's/.*Land it yourself: \`\\([^\`]*\\)\`.*/\\1/p' -e 's/.*Land with \`\\([^\`]*\\)\`.*/\\1/p' | head -n 1)
mkdir -p "$WORLD/heard"
printf '%s\\n' "$prompt" > "$WORLD/heard/$issue-$AFK_TURN"
echo "$thread $AFK_TURN $issue" >> "$WORLD/agent.log"
land() {
  echo "$1" > "feature-$issue.txt"
  git add --all
  git commit --quiet --allow-empty --message "Work on $issue

AFK-Run: $thread
Refs #$issue"
  if sh -c "$landing" > /dev/null 2>&1; then return; fi
  if git remote | grep -q origin; then
    git fetch --quiet origin && git rebase --quiet origin/main && sh -c "$landing" > /dev/null 2>&1
  fi
}
case "$title" in
  "land") land green ;;
  "land red") if [ "$AFK_TURN" = 1 ]; then land red; else land green; fi ;;
  "land red for ever") land red ;;
  "land red and spend")
    land red
    echo '{"type":"result","subtype":"success","is_error":false,"result":"Done.","total_cost_usd":2.5}' ;;
  "hang") exec sleep 600 ;;
  *) echo "I give up." ;;
esac
`;
