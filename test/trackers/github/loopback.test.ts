// The tracker over a real connection to this machine: the token goes where it is configured to go, and nowhere else.
import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { Secret } from "../../../src/secret.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { failureOf } from "../../support/failure.ts";
import { reply } from "../../support/github/server.ts";
import { githubWorld, SETTINGS, TOKEN } from "../../support/github/world.ts";

async function world() {
  const made = githubWorld({ allowlist: ["127.0.0.1/acme/shop"] });
  const served = await made.server.listen();
  onTestFinished(() => served.close());
  const deps = { ...made.deps, fetch };
  return { ...made, deps, settings: { ...SETTINGS, AFK_GITHUB_API_URL: served.origin } };
}

it("lists, reads and writes", async () => {
  const made = await world();
  const number = made.open({ title: "One", labels: ["ready-for-agent"] });
  const tracker = githubTracker.create(made.settings, made.deps);
  const ref = { repo: "127.0.0.1/acme/shop", number };

  const list = await tracker.listIssues();
  await tracker.write({ kind: "add_label", ref, label: "agent-in-progress" });
  const { issues } = await tracker.readIssues([ref]);

  expect(list.issues).toMatchObject([{ ...ref, title: "One" }]);
  expect(issues[0]?.detail).toMatchObject({ value: { labels: ["ready-for-agent", "agent-in-progress"] } });
  expect(made.server.violations).toEqual([]);
});

it("sends the token of the moment, and not along a redirect to another place", async () => {
  const seen: (string | undefined)[] = [];
  const stranger = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end("{}");
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void stranger.close());
  const address = stranger.address();
  const location = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  const made = await world();
  let token = "outdated";
  const settings = { ...made.settings, AFK_GITHUB_TOKEN: new Secret(() => token) };
  const tracker = githubTracker.create(settings, made.deps);
  const ref = { repo: "127.0.0.1/acme/shop", number: made.open({ title: "One" }) };

  const refused = await failureOf(tracker.listIssues());
  token = TOKEN;
  await tracker.listIssues();
  made.server.faults.push(() => reply(307, {}, { location }));
  const moved = await failureOf(tracker.write({ kind: "close", ref }));

  expect([refused.kind, moved.kind]).toEqual(["config", "config"]);
  expect(made.server.made.map(({ authorization }) => authorization)).toEqual([
    "Bearer outdated",
    `Bearer ${TOKEN}`,
    `Bearer ${TOKEN}`,
  ]);
  expect(seen).toEqual([]);
});
