// What operators and methods are exchanged for in a mutant.

/** What an operator is exchanged for, by what it is for. */
export const OPERATORS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  arithmetic: { "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"] },
  equality: {
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "===": ["!=="],
    "!==": ["==="],
    "==": ["!="],
    "!=": ["=="],
  },
  bitwise: { "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"], ">>>": ["<<"] },
  logical: { "&&": ["||"], "||": ["&&"], "??": ["&&"] },
  assignment: {
    "+=": ["-="],
    "-=": ["+="],
    "*=": ["/="],
    "/=": ["*="],
    "%=": ["*="],
    "??=": ["&&="],
    "||=": ["&&="],
    "&&=": ["||="],
  },
  update: { "++": ["--"], "--": ["++"] },
};

/** What a method is exchanged for; `null` leaves the call away. */
export const METHODS: Readonly<Record<string, string | null>> = {
  charAt: null,
  endsWith: "startsWith",
  startsWith: "endsWith",
  every: "some",
  some: "every",
  toLowerCase: "toUpperCase",
  toUpperCase: "toLowerCase",
  sort: null,
  toSorted: null,
  reverse: null,
  toReversed: null,
  filter: null,
  slice: null,
  substring: null,
  trim: null,
  trimEnd: "trimStart",
  trimStart: "trimEnd",
  min: "max",
  max: "min",
};
