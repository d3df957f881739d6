// Node's hash functions in the shape the core asks for.
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { Digest, Signer } from "./core/digest.ts";
import type { Secret } from "./secret.ts";

export const digest: Digest = {
  sha1: (prefixHex, text) =>
    hash("sha1", Buffer.concat([Buffer.from(prefixHex, "hex"), Buffer.from(text, "utf8")])),
  sha256: (text) => hash("sha256", text),
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
