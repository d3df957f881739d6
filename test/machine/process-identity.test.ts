// One process is told from a later one with the same number, and a zombie counts as dead.
import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { isAlive, readIdentity } from "../../src/machine/process-identity.ts";
import { eventually } from "../support/machine.ts";

test("this process is alive, and one of another start or boot is not", async () => {
  const identity = await readIdentity(process.pid);

  if (identity === null) throw new Error("This process must be there.");
  expect(await isAlive(identity)).toBe(true);
  expect(await isAlive({ ...identity, startTicks: identity.startTicks - 1 })).toBe(false);
  expect(await isAlive({ ...identity, bootId: "another" })).toBe(false);
});

test("a number that no process has is nobody", async () => {
  expect(await readIdentity(2 ** 22 + 1)).toBeNull();
});

test("a process that ended and was not fetched by its parent is dead", async () => {
  // The child of a shell that never waits stays a zombie.
  const parent = spawn("sh", ["-c", "sh -c 'exit 0' & echo $!; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    parent.kill("SIGKILL");
  });
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once("data", (text: Buffer) => resolve(Number(text.toString())));
  });

  const identity = await eventually(
    () => readIdentity(pid),
    (found) => found === null,
  );

  expect(identity).toBeNull();
});
