// Runs the command once against a simulated world outside the simulated event loop, and shows its queries.
import { run } from "../../src/cli.ts";
import { registries } from "../../src/registries.ts";
import type { GraphqlBody } from "../support/github/execute.ts";
import { exchangeOf, toResponse } from "./exchange.ts";
import type { SimWorld } from "./world.ts";

/** Time stands still but for the command's own sleeps; a deadline never comes. */
export async function runInside(
  world: SimWorld,
  command: "poll" | "watch",
  onQuery: (body: GraphqlBody) => void,
): Promise<void> {
  const silent = { write: () => undefined, isTTY: false, columns: undefined };
  await run([command, "--json"], {
    stdout: silent,
    stderr: silent,
    environment: world.settings,
    cwd: "/nowhere",
    clock: {
      now: () => world.state.now,
      sleep: (milliseconds) =>
        milliseconds > 1000
          ? new Promise(() => undefined)
          : new Promise((resolve) => {
              world.state.now += milliseconds;
              resolve();
            }),
    },
    async fetch(input, init) {
      const exchange = await exchangeOf(input, init);
      if (exchange.url.pathname === "/graphql") onQuery(JSON.parse(exchange.text) as GraphqlBody);
      return toResponse(world.answer(exchange), null);
    },
    uniqueId: () => "claim",
    signals: { onTerminate: () => () => undefined },
    registries,
  });
}
