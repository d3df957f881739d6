// A Woodpecker stage on a Woodpecker of its own.
import type { AdapterDeps, Finding } from "../../../src/adapter.ts";
import { woodpeckerCi } from "../../../src/ci/woodpecker.ts";
import type { Ci } from "../../../src/ports.ts";
import { settingsOf, stageDeps } from "../../support/ci.ts";
import {
  openWoodpecker,
  WOODPECKER_TOKEN,
  type WoodpeckerDouble,
  type WoodpeckerOptions,
} from "../../support/woodpecker/server.ts";

export interface World {
  readonly server: WoodpeckerDouble;
  readonly ci: Ci;
  readonly check: () => Promise<readonly Finding[]>;
}

export async function openWorld(
  options: WoodpeckerOptions = {},
  overrides: Partial<AdapterDeps> = {},
): Promise<World> {
  const server = await openWoodpecker(options);
  const settings = settingsOf(woodpeckerCi, {
    AFK_WOODPECKER_URL: `${server.url}/`,
    AFK_WOODPECKER_TOKEN: WOODPECKER_TOKEN,
  });
  const deps = stageDeps(overrides);
  return { server, ci: woodpeckerCi.create(settings, deps), check: () => woodpeckerCi.check(settings, deps) };
}
