// What `--check` asks of a T3 server: who it is, what our token may do, and whether the reads afk lives on are there.
import type { AdapterDeps, Finding } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { MINT, WHAT, type T3Client } from "./client.ts";
import type { T3AuthSession, T3Environment } from "./schemas.ts";

const SCOPES = ["orchestration:read", "orchestration:operate"];
const ON = "executor";
/** Before it, tokens had roles instead of scopes and every refusal looked like a mistake in the command. */
const OLDEST = [0, 0, 25];
/** The first with the cheap reads. */
const OLDEST_WITH_SHELL = [0, 0, 29];
const SOON_MILLISECONDS = 3 * 24 * 60 * 60 * 1000;

/** Reads three things, one after another, and stops at the first that is wrong; changes nothing. */
export async function checkT3(client: T3Client, deps: AdapterDeps): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    const environment = await client.readEnvironment();
    findings.push(versionFinding(environment));
    if (findings.some(({ result }) => result === "config")) return findings;
    findings.push(tokenFinding(await client.readAuthSession(), deps.clock.now()));
    if (findings.some(({ result }) => result === "config")) return findings;
    const { threads } = await client.readSnapshot();
    findings.push({ on: ON, result: "ok", message: `${WHAT} lists its threads (${threads.length}).` });
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    findings.push({ on: ON, result: error.kind, message: error.message });
  }
  return findings;
}

function versionFinding({ serverVersion, capabilities }: T3Environment): Finding {
  const is = `${WHAT} runs T3 Code ${serverVersion}`;
  if (isBefore(serverVersion, OLDEST))
    return { on: ON, result: "config", message: `${is}, which is too old: update it to 0.0.29 or newer.` };
  if (isBefore(serverVersion, OLDEST_WITH_SHELL))
    return {
      on: ON,
      result: "warning",
      message: `${is}: every read holds the whole history. Update it to 0.0.29 or newer.`,
    };
  if (!capabilities.threadSettlement)
    return { on: ON, result: "warning", message: `${is}, which cannot settle threads: they stay open.` };
  return { on: ON, result: "ok", message: `${is}.` };
}

function tokenFinding(session: T3AuthSession, now: number): Finding {
  if (!session.authenticated)
    return { on: ON, result: "config", message: `AFK_T3_TOKEN is not valid any more: ${MINT}.` };
  const missing =
    session.scopes === undefined ? [] : SCOPES.filter((scope) => session.scopes?.includes(scope) !== true);
  if (missing.length > 0)
    return {
      on: ON,
      result: "config",
      message: `AFK_T3_TOKEN lacks the scope ${missing.join(" and ")}: ${MINT}.`,
    };
  if (session.expiresAt !== null && session.expiresAt - now < SOON_MILLISECONDS)
    return {
      on: ON,
      result: "warning",
      message: `AFK_T3_TOKEN ends at ${new Date(session.expiresAt).toISOString()}: ${MINT}, with a longer --ttl.`,
    };
  return { on: ON, result: "ok", message: "AFK_T3_TOKEN may read and operate." };
}

/** A version that is no three numbers is not judged. */
function isBefore(version: string, wanted: readonly number[]): boolean {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (found === undefined) return false;
  const different = wanted.findIndex((number, index) => number !== found[index]);
  return different >= 0 && (found[different] ?? 0) < (wanted[different] ?? 0);
}
