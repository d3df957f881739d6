// The two transports that afk meets: Node's fetch in tests, and its own in the built command.
import { directFetch } from "../../src/network/direct-fetch.ts";
import { fetchTypes } from "../../src/network/fetch-types.ts";

export interface Transport {
  readonly name: string;
  readonly fetch: typeof fetch;
  /** What takes the place of Node's own types. */
  readonly globals: Readonly<Record<string, unknown>>;
  /** Its word for a connection that broke. */
  readonly broken: string;
}

export const transports: readonly Transport[] = [
  { name: "Node's fetch", fetch, globals: {}, broken: "UND_ERR_SOCKET" },
  {
    name: "the transport of the built command",
    fetch: directFetch,
    globals: fetchTypes,
    broken: "ECONNRESET",
  },
];
