// The command is a verdict stage like every other.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandCi } from "../../src/ci/command.ts";
import { ciConformance, type CiWorld } from "../conformance/ci.ts";
import { commitFile, eventually, machineDeps, makeCheckout, temporaryDirectory } from "../support/machine.ts";

const REPO = "acme/shop";
/** Ends when a file named after the commit says how, or there is no place for it any more. */
const OBEDIENT = (orders: string): string =>
  `while [ -d "${orders}" ] && [ ! -e "${orders}/$AFK_CI_SHA" ]; do sleep 0.03; done; echo said; exit "$(cat "${orders}/$AFK_CI_SHA")"`;

ciConformance(async (): Promise<CiWorld> => {
  const base = temporaryDirectory();
  const orders = temporaryDirectory();
  const checkout = makeCheckout(join(base, "acme__shop"));
  const commits = [commitFile(checkout, "one", "one\n"), commitFile(checkout, "two", "two\n")] as const;
  const ci = commandCi.create({ AFK_CI_COMMAND: OBEDIENT(orders) }, machineDeps({ base, repos: [REPO] }));
  return {
    ci,
    repo: REPO,
    commits,
    async arrange(commit, word) {
      if (word !== "pending") writeFileSync(join(orders, commit), word === "green" ? "0" : "1");
      await ci.request(REPO, commit);
      await eventually(
        () => ci.readVerdict(REPO, commit),
        ({ kind }) => kind === word,
      );
    },
    // The stage asks nothing but this machine.
    breakIt: null,
    everything: () => attemptsBelow(checkout),
  };
});

/** Which commits were tried, and how often. */
function attemptsBelow(checkout: string): readonly string[] {
  const files = readdirSync(checkout, { recursive: true, encoding: "utf8" });
  return files.filter((path) => /^\.afk\/ci\/[^/]+\/[^/]+$/.test(path)).toSorted();
}
