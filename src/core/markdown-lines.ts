// Reads an issue's text line by line, leaving out what stands in code fences: that is quoted, not said.

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)/s;

/** The lines of a Markdown text that are outside code fences; a fence that nobody closes reaches to the end (CommonMark 4.5). */
export function linesOutsideFences(text: string): readonly string[] {
  const lines: string[] = [];
  let fence: string | null = null;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const match = FENCE.exec(line);
    const marks = match?.[1] ?? "";
    const rest = match?.[2] ?? "";
    if (fence === null) {
      // Backticks after the opening ones make it code within a line, not a fence.
      if (marks !== "" && !(marks[0] === "`" && rest.includes("`"))) fence = marks;
      else lines.push(line);
    } else if (marks.includes(fence) && rest.trim() === "") {
      fence = null;
    }
  }
  return lines;
}
