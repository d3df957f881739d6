// AFK_ROLLOUT is read strictly: every mistake is named, and nothing is guessed.
import { expect, test } from "vitest";
import { kubernetesCi } from "../../../src/ci/kubernetes.ts";
import { targets } from "../../../src/ci/kubernetes/targets.ts";
import { complaintsOf } from "../../support/ci.ts";
import { fc } from "../../support/fast-check.ts";

const LEGAL = "expected owner/name=namespace/deployment";

test("reads repos with Deployments and containers, separated by commas or white space", () => {
  const raw = " Acme/API=prod/web,acme/api=prod/jobs/worker\n\tgit.example.org/acme/shop=shop/front.v2 ";

  expect(targets().parse(raw)).toEqual([
    { repo: "acme/api", namespace: "prod", deployment: "web", container: null },
    { repo: "acme/api", namespace: "prod", deployment: "jobs", container: "worker" },
    { repo: "git.example.org/acme/shop", namespace: "shop", deployment: "front.v2", container: null },
  ]);
});

test.each([
  ["acme/api", "not exactly one '='"],
  ["acme/api=prod=web", "not exactly one '='"],
  ["api=prod/web", "no repo"],
  ["a/b/c/d=prod/web", "no repo"],
  ["=prod/web", "no repo"],
  ["acme/api=prod", "not namespace, deployment"],
  ["acme/api=prod/web/app/more", "not namespace, deployment"],
  ["acme/api=Prod/web", "its namespace"],
  ["acme/api=/web", "its namespace"],
  ["acme/api=prod.eu/web", "its namespace"],
  ["acme/api=prod/", "its deployment"],
  ["acme/api=prod/Web", "its deployment"],
  ["acme/api=prod/web..two", "its deployment"],
  ["acme/api=prod/..", "its deployment"],
  ["acme/api=prod/web/", "its container"],
  ["acme/api=prod/web/a.b", "its container"],
  [`acme/api=${"n".repeat(64)}/web`, "its namespace"],
])("refuses %s, and says why", (raw, why) => {
  const complaint = complaintsOf(kubernetesCi, "AFK_ROLLOUT", raw);

  expect(complaint).toContain(why);
  expect(complaint).toContain(LEGAL);
});

test("names every mistake of a list, and an entry that stands there twice", () => {
  const complaint = complaintsOf(
    kubernetesCi,
    "AFK_ROLLOUT",
    "acme/api=prod acme/ok=prod/web api=x/y acme/ok=prod/web",
  );

  expect(complaint).toMatch(
    /'acme\/api=prod' is wrong.*'api=x\/y' is wrong.*'acme\/ok=prod\/web' is wrong, it stands/,
  );
});

test.each([undefined, "", " , "])("must be set where the stage is used (%j)", (raw) => {
  expect(complaintsOf(kubernetesCi, "AFK_ROLLOUT", raw)).toContain(LEGAL);
});

test("what it reads can only name one Deployment in the request that follows", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const result = targets().safeParse(`acme/api=prod/${text}`);

      for (const { namespace, deployment, container } of result.data ?? [])
        expect(`${namespace} ${deployment} ${container ?? ""}`).toMatch(
          /^[a-z0-9-]+ [a-z0-9.-]+ [a-z0-9-]*$/,
        );
    }),
  );
});
