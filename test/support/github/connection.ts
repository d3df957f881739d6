// One page of a list, and the errors that GitHub gives beside its data.
import { GraphQLError } from "graphql";
import type { GraphqlFailure } from "./state.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
}

export function failure({ type, message }: GraphqlFailure): GraphQLError {
  return new GraphQLError(message, type === undefined ? {} : { extensions: { type } });
}

/** One page of a list, by the rules of GitHub: a size is needed, from 1 to 100. */
export function connection(items: readonly unknown[], args: PageArguments): Fields {
  const size = args.first ?? args.last ?? 0;
  if (size < 1 || size > 100)
    throw failure({
      type: "EXCESSIVE_PAGINATION",
      message: "You must provide a `first` or `last` value from 1 to 100.",
    });
  const low = args.after === null || args.after === undefined ? 0 : Number(atob(args.after)) + 1;
  const high = args.before === null || args.before === undefined ? items.length : Number(atob(args.before));
  const isForward = args.first !== null && args.first !== undefined;
  const start = isForward ? low : Math.max(low, high - size);
  const end = isForward ? Math.min(high, low + size) : high;
  return {
    totalCount: items.length,
    nodes: items.slice(start, end),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: end > start ? btoa(String(start)) : null,
      endCursor: end > start ? btoa(String(end - 1)) : null,
    },
  };
}
