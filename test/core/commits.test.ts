// Which commits are evidence of a run: only those with both trailers.
import { describe, expect, test } from "vitest";
import { claimedPhases, isOfRun, isOfThread, landedCommit } from "../../src/core/commits.ts";
import { commitMessage, idAt, REPO, SHA } from "../support/world.ts";

const thread = idAt();
const place = { repo: REPO, number: 7 };

function isOurs(message: string, at = place): boolean {
  return isOfRun({ sha: SHA, message }, thread, at);
}

describe("a commit is of the run", () => {
  test.each<readonly [string, string]>([
    ["both trailers", commitMessage()],
    ["the trailers in the other order", `Sell apples\n\nRefs #7\nAFK-Run: ${thread}`],
    [
      "other trailers around them",
      `Sell apples\n\nAFK-Run: ${thread}\nRefs #7\nSigned-off-by: Ann <ann@example>`,
    ],
    ["the thread in capital letters", commitMessage({ thread: thread.toUpperCase() })],
    ["keys in other letters", `Sell apples\n\nafk-run: ${thread}\nREFS #7`],
    ["carriage returns", commitMessage().replaceAll("\n", "\r\n")],
    ["`Refs:`", commitMessage({ refs: "Refs: #7" })],
    ["several references", commitMessage({ refs: "Refs #6, #7" })],
    ["a reference with its repo", commitMessage({ refs: "Refs Acme/Shop#7" })],
    ["`Ref` and blanks around it", commitMessage({ refs: "  Ref   #7  " })],
    ["`Refs:` without a blank", commitMessage({ refs: "refs:#7" })],
    ["`Refs:` with blanks", commitMessage({ refs: "Refs:   #7" })],
    ["blanks in a trailer", `Sell apples\n\nAFK-Run:   ${thread}  \nRefs #7`],
    ["no blank in a trailer", `Sell apples\n\nAFK-Run:${thread}\nRefs #7`],
    ["the issue's repo in a closing reference", commitMessage({ refs: "resolve  Acme/Shop#7" })],
    ["a tab in a closing reference", commitMessage({ refs: "Fixed:\t#7" })],
    ...["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"].flatMap(
      (word) =>
        [`${word} #7`, `${word}: #7`, `(${word.toUpperCase()} #7)`].map(
          (refs) => [refs, commitMessage({ refs })] as const,
        ),
    ),
    ["a closing keyword in its first line", commitMessage({ subject: "Sell apples (fixes #7)", refs: "" })],
    ["a closing keyword within a sentence", commitMessage({ refs: "This closes #7 at last." })],
  ])("with %s", (_, message) => {
    expect(isOurs(message)).toBe(true);
  });

  test.each([
    ["no trailer at all", "Sell apples"],
    ["only the run", commitMessage({ refs: "" })],
    ["only the reference", "Sell apples\n\nRefs #7"],
    ["only a closing keyword", "Sell apples\n\nCloses #7"],
    ["another run", commitMessage({ thread: idAt({ slot: 2 }) })],
    ["more than the thread", commitMessage({ thread: `${thread}0` })],
    ["another issue", commitMessage({ refs: "Refs #8" })],
    ["an issue whose number only begins alike", commitMessage({ refs: "Refs #77" })],
    ["another issue that it closes", commitMessage({ refs: "Closes #77" })],
    ["another repo's issue", commitMessage({ refs: "Refs acme/tool#7" })],
    ["another repo's issue that it closes", commitMessage({ refs: "Closes acme/tool#7" })],
    ["a number without a word", commitMessage({ refs: "#7" })],
    ["a word that only ends in a keyword", commitMessage({ refs: "prefixes #7" })],
    ["a word that only begins like a keyword", commitMessage({ refs: "closer #7, fixing #7" })],
    ["a keyword without a blank", commitMessage({ refs: "closes#7" })],
    ["more than the number", commitMessage({ refs: "closes #7a, fixes #7-1" })],
    ["a reference that goes on", commitMessage({ refs: "Refs #7 and more" })],
    ["a reference within a sentence", commitMessage({ refs: "see Refs #7" })],
    ["`Refs` without a blank", commitMessage({ refs: "Refs#7" })],
    ["a name without an owner", commitMessage({ refs: "Refs shop#7" })],
    ["the run under another key", `Sell apples\n\nOther-Run: ${thread}\nRefs #7`],
    ["the run only mentioned in a sentence", `Sell apples\n\nSee AFK-Run: ${thread}\nRefs #7`],
  ])("but not with %s", (_, message) => {
    expect(isOurs(message)).toBe(false);
  });

  test("with a number of several digits", () => {
    for (const refs of ["Refs #17", "Closes #17", "closes acme/shop#17"])
      expect(isOurs(commitMessage({ refs }), { repo: REPO, number: 17 })).toBe(true);
  });

  test("on a host of its own, though messages leave the host out", () => {
    const elsewhere = { repo: "git.example/acme/shop", number: 7 };

    expect(isOurs(commitMessage({ refs: "Refs acme/shop#7" }), elsewhere)).toBe(true);
    expect(isOurs(commitMessage(), elsewhere)).toBe(true);
    expect(isOurs(commitMessage({ refs: "Refs git.example/acme/shop#7" }), elsewhere)).toBe(true);
    expect(isOurs(commitMessage({ refs: "Closes git.example/acme/shop#7" }), elsewhere)).toBe(true);
    expect(isOurs(commitMessage({ refs: "Refs other/shop#7" }), elsewhere)).toBe(false);
  });
});

test("a commit of the thread need not name the issue", () => {
  expect(isOfThread({ sha: SHA, message: commitMessage({ refs: "" }) }, thread)).toBe(true);
  expect(isOfThread({ sha: SHA, message: commitMessage() }, idAt({ slot: 2 }))).toBe(false);
});

test("the newest commit of the run is the one that landed", () => {
  const commits = [
    { sha: "4", message: commitMessage({ refs: "" }) },
    { sha: "3", message: commitMessage() },
    { sha: "2", message: commitMessage() },
    { sha: "1", message: commitMessage({ thread: idAt({ lane: 1 }) }) },
  ];

  expect(landedCommit(commits, thread, place)?.sha).toBe("3");
  expect(landedCommit(commits.slice(3), thread, place)).toBeNull();
  expect(landedCommit([], thread, place)).toBeNull();
});

test("phases are claimed by commits of the run only", () => {
  const commits = [
    { sha: "3", message: `${commitMessage()}\nAFK-Phase: Green` },
    { sha: "2", message: `${commitMessage({ refs: "" })}\nAFK-Phase: tests-red` },
    { sha: "1", message: `${commitMessage({ thread: idAt({ lane: 1 }) })}\nAFK-Phase: deployed` },
  ];

  expect([...claimedPhases(commits, thread)].toSorted()).toEqual(["green", "tests-red"]);
});
