// The names that make every write repeatable: the formulas of DESIGN section 3, and the way back from an id to its place.
import { describe, expect, test } from "vitest";
import {
  bodyHash,
  locateThreads,
  messageId,
  type Place,
  projectId,
  runKey,
  threadId,
  type Unplaced,
  uuidv5,
} from "../../src/core/identity.ts";
import { digest, idAt, issue, placeOf, REPO, SHA } from "../support/world.ts";
import { codePoint, fc } from "../support/fast-check.ts";

const DNS = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const URL_SPACE = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

describe("uuidv5", () => {
  // RFC 9562 appendix A.4, and Python's uuid.uuid5.
  test.each([
    [DNS, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"],
    [DNS, "python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d"],
    [URL_SPACE, "http://python.org/", "4c565f0d-3f5a-5890-b41b-20cf47701c5e"],
  ])("of %s and %s is %s", (namespace, name, id) => {
    expect(uuidv5(digest, namespace, name)).toBe(id);
  });

  test("is always of version 5 and of the RFC's variant", () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), (name) => {
        expect(uuidv5(digest, DNS, name)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
});

describe("the formulas", () => {
  test("of a project name the repo and, from the second on, the generation", () => {
    expect(projectId(digest, REPO)).toBe(uuidv5(digest, URL_SPACE, "afk-project:acme/shop"));
    expect(projectId(digest, REPO, 2)).toBe(uuidv5(digest, URL_SPACE, "afk-project:acme/shop:2"));
    expect(projectId(digest, REPO, 3)).toBe(uuidv5(digest, URL_SPACE, "afk-project:acme/shop:3"));
  });

  test("of a thread name the repo, the lane and the slot", () => {
    const place = { repo: REPO, lane: 2, slot: 13 };

    expect(threadId(digest, place)).toBe(uuidv5(digest, URL_SPACE, "afk-run:acme/shop:2:13"));
  });

  test("of a short name are `afk-` and 12 hex digits", () => {
    expect(runKey("2ed6657d-e927-568b-95e1-2665a8aea6a2")).toBe("afk-2ed6657de927");
  });

  test("of messages differ for every turn, and are the same for the same turn", () => {
    const turns = [
      { kind: "implement" },
      { kind: "fix_forward", sha: SHA, attempt: 1 },
      { kind: "fix_forward", sha: SHA, attempt: 2 },
      { kind: "fix_forward", sha: "c".repeat(40), attempt: 1 },
      { kind: "resume", number: 1 },
      { kind: "resume", number: 2 },
    ] as const;

    const ids = turns.map((turn) => messageId(digest, idAt(), turn));

    expect(new Set(ids).size).toBe(turns.length);
    expect(ids[0]).toBe(uuidv5(digest, idAt(), "turn:implement"));
    expect(ids[1]).toBe(uuidv5(digest, idAt(), `turn:fix_forward:${SHA}:1`));
    expect(ids[4]).toBe(uuidv5(digest, idAt(), "turn:resume:1"));
    expect(turns.map((turn) => messageId(digest, idAt(), turn))).toEqual(ids);
    expect(turns.map((turn) => messageId(digest, idAt({ slot: 2 }), turn))).not.toEqual(ids);
  });

  test("of what was approved change with the title and with the body", () => {
    const hashes = [{}, { title: "Sell pears" }, { body: "Sell pears." }].map((part) =>
      bodyHash(digest, issue(part)),
    );

    expect(new Set(hashes).size).toBe(3);
    expect(bodyHash(digest, issue({ labels: [], number: 8 }))).toBe(hashes[0]);
  });
});

function unplaced(place: Place, part: Partial<Unplaced> = {}): Unplaced {
  return { id: threadId(digest, place), repo: null, place: null, ...part };
}

describe("locateThreads", () => {
  const repos = ["acme/shop", "acme/tool", "local/here"];
  const places: fc.Arbitrary<Place> = fc.record({
    repo: fc.constantFrom(...repos),
    lane: fc.nat({ max: 7 }),
    slot: fc.integer({ min: 1, max: 60 }),
  });

  test("finds each of our threads, with a hint, with a card, or with nothing", () => {
    fc.assert(
      fc.property(
        fc.array(places, { maxLength: 5 }),
        fc.constantFrom("hint", "card", "nothing"),
        (all, by) => {
          const threads = all.map((place) =>
            unplaced(place, by === "hint" ? { repo: place.repo } : by === "card" ? { place } : {}),
          );

          const found = locateThreads(digest, threads, repos, 1);

          expect(found).toEqual(new Map(all.map((place) => [threadId(digest, place), place])));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("invents nothing: a foreign id has no place, whatever is said about it", () => {
    const ours = placeOf();
    const foreign = [
      { id: "2ed6657d-e927-568b-95e1-2665a8aea6a2", repo: REPO, place: ours },
      { id: "7b0d9a51-1a2b-4c3d-8e4f-5a6b7c8d9e0f", repo: REPO, place: ours },
      { id: `${threadId(digest, ours)}0`, repo: REPO, place: ours },
      { id: "", repo: null, place: null },
    ];

    expect(locateThreads(digest, foreign, [REPO], 1).size).toBe(0);
  });

  /** How many ids are made to place these threads. */
  function idsMade(threads: readonly Unplaced[], by = digest, allowed: readonly string[] = [REPO]): number {
    let made = 0;
    const counting = {
      ...by,
      sha1: (...parts: Parameters<typeof digest.sha1>) => {
        made += 1;
        return by.sha1(...parts);
      },
    };
    locateThreads(counting, threads, allowed, 1);
    return made;
  }

  test("makes no id for what our formula cannot have made, and one for a place that a card knows", () => {
    const id = idAt();
    const foreign = [`${id}0`, `0${id}`, id.toUpperCase(), ""].map((other) =>
      unplaced(placeOf(), { id: other }),
    );

    expect(idsMade(foreign)).toBe(0);
    expect(idsMade([unplaced(placeOf(), { place: placeOf() })])).toBe(1);
  });

  test("gives up after 200,000 ids, and those of the first slots", () => {
    const nothingFits = { ...digest, sha1: () => "0".repeat(40) };

    expect(idsMade([unplaced(placeOf())], nothingFits)).toBe(200_050);
  });

  test("looks at the configured lanes first, and at others only for what is not there", () => {
    const low = [1, 2, 3].map((slot) => unplaced(placeOf({ slot }), { repo: REPO }));

    expect(idsMade(low)).toBe(3);
    expect(idsMade([...low, unplaced(placeOf({ lane: 2, slot: 1 }), { repo: REPO })])).toBe(50 + 8);
  });

  test("believes a card's place only when the formula agrees, and looks for the right one", () => {
    const lying = unplaced(placeOf({ slot: 4 }), { place: placeOf({ slot: 9 }) });

    expect(locateThreads(digest, [lying], [REPO], 1).get(lying.id)).toEqual(placeOf({ slot: 4 }));
  });

  test("finds a thread of a repo that left the allowlist by the executor's hint", () => {
    const left = { repo: "acme/gone", lane: 0, slot: 1 };

    expect(locateThreads(digest, [unplaced(left, { repo: left.repo })], [REPO], 1).size).toBe(1);
    expect(locateThreads(digest, [unplaced(left)], [REPO], 1).size).toBe(0);
  });

  test("finds one on the allowlist's host by a hint without it: a checkout's directory names owner and name only", () => {
    const left = { repo: "git.example/acme/gone", lane: 1, slot: 3 };
    const hinted = unplaced(left, { repo: "acme/gone" });
    const allowed = ["git.example/acme/shop", "git.example/acme/tool", "other.example/acme/gone"];

    expect(locateThreads(digest, [hinted], allowed, 1).get(hinted.id)).toEqual(left);
    expect(locateThreads(digest, [hinted], [REPO, "local/here"], 1).size).toBe(0);
  });

  test("looks for what it has found by one name under no other", () => {
    const left = unplaced({ repo: "acme/gone", lane: 0, slot: 1 }, { repo: "acme/gone" });

    expect(idsMade([left], digest, ["git.example/acme/shop"])).toBeLessThanOrEqual(16);
  });
});
