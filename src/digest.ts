// Node's hash functions in the shape the core asks for.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Digest, Signer } from "./core/digest.ts";
import type { Secret } from "./secret.ts";

export const digest: Digest = {
  sha1: (prefixHex, text) =>
    createHash("sha1").update(Buffer.from(prefixHex, "hex")).update(text, "utf8").digest("hex"),
  sha256: (text) => createHash("sha256").update(text, "utf8").digest("hex"),
};

/** Makes a signer from the state keys: the first signs, all verify. There must be at least one. */
export function createSigner(keys: readonly Secret[]): Signer {
  const first = keys[0];
  if (first === undefined) throw new Error("A signer needs at least one state key.");
  return {
    sign: (text) => hmac(first, text),
    verifies: (text, signature) => keys.some((key) => sameBytes(hmac(key, text), signature)),
  };
}

function hmac(key: Secret, text: string): string {
  return createHmac("sha256", key.reveal()).update(text, "utf8").digest("hex");
}

function sameBytes(expected: string, found: string): boolean {
  return expected.length === found.length && timingSafeEqual(Buffer.from(expected), Buffer.from(found));
}
