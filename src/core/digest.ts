// The hash functions the core needs, handed in from outside so that the core imports nothing.

export interface Digest {
  /** SHA-1 of the bytes written as `prefixHex` followed by a text in UTF-8; in hex. */
  sha1(prefixHex: string, text: string): string;
  /** SHA-256 of a text in UTF-8; in hex. */
  sha256(text: string): string;
}

/** Signs with the first state key and verifies with all of them (DESIGN section 4, the run card). */
export interface Signer {
  /** HMAC-SHA256 in hex. */
  sign(text: string): string;
  verifies(text: string, signature: string): boolean;
}
