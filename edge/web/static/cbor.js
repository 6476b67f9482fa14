// RFC 8949 as strangers send it: the same as edge/credentials/cbor.py. Maps become Map, so that no key is
// special; a tag that is not taken off stays a Tag.

import { Unreadable, hex, utf8 } from "./texts.js";

const DEEPEST = 16;
const SELF = 55799;

export class Tag {
  constructor(number, value) { this.number = number; this.value = value; }
}

// Gives one key for what is equal: 1, 1.0 and true, or two runs of the same bytes.
export function keyOf(value) {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "bigint" && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))) return Number(value);
  if (value instanceof Uint8Array) return `\0bytes ${hex(value)}`;
  if (Array.isArray(value)) return `\0list ${value.map((one) => `${typeof keyOf(one)} ${keyOf(one)}`).join()}`;
  if (value instanceof Map) return `\0map ${[...value].map(([key, one]) => `${key} ${keyOf(one)}`).sort().join()}`;
  if (value instanceof Tag) return `\0tag ${value.number} ${keyOf(value.value)}`;
  return value;
}

const half = (bytes) => {
  const exponent = bytes[0] >> 2 & 31, part = (bytes[0] & 3) << 8 | bytes[1], sign = bytes[0] & 128 ? -1 : 1;
  if (exponent === 0) return sign * part * 2 ** -24;
  if (exponent === 31) return part ? NaN : sign * Infinity;
  return sign * (1024 + part) * 2 ** (exponent - 25);
};
const safe = (value) => value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

// Decodes one value; throws Unreadable for whatever else it is, also behind the value. The tags are
// those that are taken off a value, and those that are refused.
export function cbor(bytes, { plain, refused }) {
  let place = 0;
  const need = (count) => {
    if (place + count > bytes.length) throw new Unreadable();
    place += count;
    return bytes.subarray(place - count, place);
  };
  const number = (info) => {
    if (info < 24) return BigInt(info);
    if (info > 27) throw new Unreadable();
    return need(1 << (info - 24)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  };
  const inner = (depth) => {
    if (depth >= DEEPEST) throw new Unreadable();
    return (count) => Array.from({ length: count }, () => read(depth + 1));
  };
  const other = (info) => {
    if (info === 20 || info === 21) return info === 21;
    if (info < 24) return null;
    if (info === 24) { if (need(1)[0] < 32) throw new Unreadable(); return null; }
    if (info === 25) return half(need(2));
    if (info === 26) return new DataView(need(4).slice().buffer).getFloat32(0);
    if (info === 27) return new DataView(need(8).slice().buffer).getFloat64(0);
    throw new Unreadable();
  };
  const read = (depth) => {
    const [first] = need(1);
    const kind = first >> 5, info = first & 31;
    if (kind === 7) return other(info);
    if (info === 31) return endless(kind, depth);
    const long = number(info);
    if (kind === 0) return safe(long);
    if (kind === 1) return safe(-1n - long);
    const count = Number(long);
    if (kind === 6) {
      if (refused.includes(count)) throw new Unreadable();
      const [value] = inner(depth)(1);
      if (plain.includes(count) && !["string", "number", "bigint"].includes(typeof value)) throw new Unreadable();
      return plain.includes(count) || count === SELF ? value : new Tag(count, value);
    }
    if (count > bytes.length) throw new Unreadable();
    if (kind === 2) return need(count).slice();
    if (kind === 3) return utf8(need(count));
    if (kind === 4) return inner(depth)(count);
    return pairs(inner(depth)(2 * count));
  };
  const endless = (kind, depth) => {
    const parts = [];
    while (bytes[place] !== 0xff) {
      if ((kind === 2 || kind === 3) && (bytes[place] >> 5 !== kind || (bytes[place] & 31) === 31)) throw new Unreadable();
      parts.push(...inner(depth)(1));
    }
    place += 1;
    if (kind === 4) return parts;
    if (kind === 3) return parts.join("");
    if (kind === 2) return Uint8Array.from(parts.flatMap((part) => [...part]));
    if (kind !== 5 || parts.length % 2) throw new Unreadable();
    return pairs(parts);
  };
  const pairs = (list) => {
    const map = new Map();
    for (let at = 0; at < list.length; at += 2) map.set(keyOf(list[at]), list[at + 1]);
    if (map.size * 2 !== list.length) throw new Unreadable();
    return map;
  };
  let value;
  try { value = read(0); } catch { throw new Unreadable(); }
  if (place !== bytes.length) throw new Unreadable();
  return value;
}
