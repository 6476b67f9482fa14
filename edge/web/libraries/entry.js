// What the page that verifies without a network takes from others.
export { p256, p384 } from "@noble/curves/nist.js";
export { sha256 } from "@noble/hashes/sha2.js";
export { Inflate } from "pako/lib/inflate.js";
