#!/usr/bin/env node
// Starts afk, or says in one sentence which Node it needs; must parse on any Node that understands ES modules.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 20)) {
  process.stderr.write(
    `afk: needs Node 22.20 or newer, and this is Node ${process.versions.node}: ` +
      "install a newer one, or use `npx afk` in a checkout after `npm ci`, which brings its own.\n",
  );
  process.exitCode = 2;
} else {
  const { main } = await import("../dist/main.js");
  await main();
}
