// The keys that the site publishes, and ECDSA with SHA-256 (FIPS 186-5) over them. Web Crypto needs https,
// which a clinic's network does not have: where there is none, a library that was audited does it.

import { p256, p384, sha256 } from "./libraries.js";
import { fromBase64, fromHex, hex, toBase64Url, utf8 } from "./texts.js";

const CURVES = { "P-256": { library: p256, size: 32 }, "P-384": { library: p384, size: 48 } };
const LONGEST_KID = 32;

// An id is bytes; some issuers write the letters of base64 or hex instead, or the letters of a name.
export function kidNames(kid) {
  const names = [`kid:${hex(kid)}`];
  let text;
  try { text = utf8(kid).trim(); } catch { return names; }
  if (!/^[ -~]*$/.test(text) || text.endsWith("*")) return names;
  names.push(text);
  const meant = [];
  try { meant.push(fromBase64(text)); } catch { /* no base64 */ }
  if (/^(?:[0-9a-f]{16}|[0-9a-f]{64})$/i.test(text)) meant.push(fromHex(text));
  for (const raw of meant) if (raw.length > 0 && raw.length <= LONGEST_KID) names.push(`kid:${hex(raw)}`);
  return names;
}

// Names a key by the hash of its members in order (RFC 7638).
export function thumbprint(key) {
  const [x, y] = [key.x, key.y].map((part) => toBase64Url(fromHex(part)));
  return toBase64Url(sha256(new TextEncoder().encode(JSON.stringify({ crv: key.curve, kty: "EC", x, y }))));
}

const sameKey = (one, other) => one.kind === other.kind && one.x === other.x && one.y === other.y;

// Gives each entry whose key made a signature: one key may be listed several times.
export async function entriesThatFit(keys, fits) {
  const asked = [];
  for (const key of keys.filter((one) => one.kind === "EC")) {
    if (asked.some((one) => sameKey(one, key))) continue;
    asked.push(key);
    if (await fits(key)) return keys.filter((one) => sameKey(one, key));
  }
  return [];
}

// Checks a signature of R and S, each as long as the curve's order.
export async function ecdsaFits(key, signature, data, subtle = globalThis.crypto?.subtle) {
  const { library, size } = CURVES[key.curve];
  if (signature.length !== 2 * size) return false;
  const point = fromHex(`04${key.x}${key.y}`);
  if (subtle) {
    try {
      const imported = await subtle.importKey("raw", point, { name: "ECDSA", namedCurve: key.curve }, false, ["verify"]);
      return await subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, signature, data);
    } catch { /* a browser without this curve */ }
  }
  try {
    return library.verify(signature, sha256(data), point, { prehash: false, lowS: false });
  } catch { return false; }
}
