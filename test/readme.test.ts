// README tells the truth about what the code can say for itself: variables, reasons, commands, exit codes.
import { expect, it } from "vitest";
import { readReadme, withTables } from "./support/readme-tables.ts";

it("has every table as the code says it now (else run `npm run readme`)", async () => {
  const readme = readReadme();

  expect(readme).toBe(await withTables(readme));
});
