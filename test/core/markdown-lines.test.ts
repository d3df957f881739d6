// Which lines of a Markdown text are said and which are quoted in a code fence (CommonMark 4.5).
import { expect, test } from "vitest";
import { linesOutsideFences } from "../../src/core/markdown-lines.ts";

test.each<[string, string, readonly string[]]>([
  ["lines of every system", "a\nb\r\nc\rd", ["a", "b", "c", "d"]],
  ["backticks", "a\n```\nx\n```\nb", ["a", "b"]],
  ["tildes", "a\n~~~\nx\n~~~\nb", ["a", "b"]],
  ["a language", "a\n```ts\nx\n```\nb", ["a", "b"]],
  ["a language after tildes, which may hold backticks", "a\n~~~ `x`\nx\n~~~\nb", ["a", "b"]],
  ["an indented fence", "a\n   ```\nx\n   ```\nb", ["a", "b"]],
  ["too deep an indent", "    ```\nb", ["    ```", "b"]],
  ["too few marks", "``\nb", ["``", "b"]],
  ["marks within a line", "a ```\nb", ["a ```", "b"]],
  ["code within a line", "``` a ```\nb", ["``` a ```", "b"]],
  ["a fence that nobody closes", "a\n```\nx\ny", ["a"]],
  ["an end that is too short", "````\nx\n```\ny\n````\nb", ["b"]],
  ["an end that is longer", "```\nx\n`````\nb", ["b"]],
  ["an end of the other kind", "```\nx\n~~~\ny\n```\nb", ["b"]],
  ["an end with words behind it", "```\nx\n``` y\nz\n```\nb", ["b"]],
  ["an end with blanks behind it", "```\nx\n``` \t\nb", ["b"]],
  ["a line separator of Unicode in the words of a fence", "```a\u2028b\nx\n```\nb", ["b"]],
])("%s", (_, text, lines) => {
  expect(linesOutsideFences(text)).toEqual(lines);
});
