// Catches what a promise throws, so that a test can look at the kind and the sentence.
import { inspect } from "node:util";
import { AfkError } from "../../src/errors.ts";

/** The AfkError a promise ends with. @throws when it ends well or with something else. */
export async function failureOf(promise: Promise<unknown>): Promise<AfkError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AfkError) return error;
    throw error;
  }
  throw new Error("It was expected to fail, and it did not.");
}

/** Everything of an error that a log could show: message, stack, fields and causes. */
export function everythingIn(error: unknown): string {
  return inspect(error, { depth: 10, showHidden: true });
}
