// Texts as scanners, e-mails and people leave them, and the ways in which codes pack bytes: the same as
// edge/credentials/code_text.py, strict_json.py and window.py.

import { Inflate } from "./libraries.js";

export const LARGEST = 65536;
const DEEPEST = 100;

export class Unreadable extends Error {}

// What Python takes for blank; a browser's trim() leaves some and takes the byte order mark.
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const INVISIBLE = "\\0\\ufeff\\xad\\u200b-\\u200f\\u2060\\u202a-\\u202e";
const of = (source, flags = "") => new RegExp(source, flags);
const BEGIN = of(`^[${BLANK}]+`), END = of(`[${BLANK}]+$`);
const UNSEEN = of(`[${INVISIBLE}]`, "g"), EDGE = of(`^[${INVISIBLE}]|[${INVISIBLE}]$`);
const BLANKS = of(`[${BLANK}${INVISIBLE}]`);
const BREAKS = /[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+/g;
const NOT_BREAK = of(`(?!\\n)[${BLANK}]`, "g");
const PREFIX = /^H\n?C\n?1[ \n]*:[ \n]*/;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

export const stripStart = (text) => text.replace(BEGIN, "");
export const stripEnd = (text) => text.replace(END, "");
export const strip = (text) => stripEnd(stripStart(text));
// Takes away what editors put in front of a code.
export const begun = (text) => text.replace(/^[\ufeff \t\r\n]+/, "");
export const lengthOf = (text) => [...text].length;
export const cut = (text, length) => [...text].slice(0, length).join("");

// Takes blanks and invisible characters away from both ends; inner ones stay.
export function trimmed(text) {
  if (!EDGE.test(text)) return strip(text);
  let start = 0, end = text.length;
  while (start < end && BLANKS.test(text[start])) start += 1;
  while (start < end && BLANKS.test(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

const large = (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const tidy = (text) => /^[ -~]*$/.test(text) ? large(text)
  : large(text.replace(UNSEEN, "").replace(BREAKS, "\n").replace(NOT_BREAK, " "));

export const isPrefixed = (text) => PREFIX.test(stripStart(tidy(cut(text, 64))));
export const isBare = (text) => /^[0-9A-Z $%*+\-./:\n]{40,}$/.test(strip(tidy(text)));

// Gives the base45 that a text may mean, the likeliest first: base45 has the blank.
export function packedTexts(text) {
  const inside = stripStart(tidy(text)).replace(PREFIX, ""), found = new Set();
  for (const joined of [inside.replaceAll("\n", ""), inside.replace(/ *\n */g, "")]) {
    const bare = joined.replace(/ +$/, ""), blanks = joined.length - bare.length;
    for (const count of [blanks, 0, 1, 2]) if (count <= blanks) found.add(bare + " ".repeat(count));
  }
  return [...found];
}

// RFC 9285.
export function base45(text) {
  const out = [];
  const digit = (place) => {
    const found = ALPHABET.indexOf(text[place]);
    if (found < 0) throw new Unreadable();
    return found;
  };
  for (let place = 0; place < text.length; place += 3) {
    const left = text.length - place;
    if (left === 1) throw new Unreadable();
    const value = digit(place) + 45 * digit(place + 1) + (left > 2 ? 2025 * digit(place + 2) : 0);
    if (value > (left > 2 ? 0xffff : 0xff)) throw new Unreadable();
    if (left > 2) out.push(value >> 8);
    out.push(value & 0xff);
  }
  return Uint8Array.from(out);
}

// Undoes deflate (RFC 1951); what stands behind a stream that ended is not looked at. Gives the
// bytes, and how many of the packed ones were read.
export function inflateRaw(packed) {
  const chunks = [], inflater = new Inflate({ raw: true, chunkSize: 16384 });
  let size = 0;
  inflater.onData = (chunk) => {
    size += chunk.length;
    if (size > LARGEST) throw new Unreadable();
    chunks.push(chunk.slice());
  };
  inflater.onEnd = (status) => { inflater.err = status; };
  inflater.push(packed, true);
  if (inflater.err || !inflater.ended) throw new Unreadable();
  const bytes = new Uint8Array(size);
  let place = 0;
  for (const chunk of chunks) { bytes.set(chunk, place); place += chunk.length; }
  return { bytes, read: packed.length - inflater.strm.avail_in };
}

// Undoes zlib (RFC 1950), with its checksum.
export function inflate(packed) {
  const [method = 0, flags = 0] = packed;
  if ((method & 15) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 || flags & 32) throw new Unreadable();
  const { bytes, read } = inflateRaw(packed.subarray(2));
  let one = 1, two = 0;
  for (const byte of bytes) { one = (one + byte) % 65521; two = (two + one) % 65521; }
  const sum = [two >> 8, two & 255, one >> 8, one & 255];
  if (sum.some((byte, place) => packed[2 + read + place] !== byte)) throw new Unreadable();
  return bytes;
}

export const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const letters = (bytes) => btoa(String.fromCharCode(...bytes));
export const toBase64Url = (bytes) => letters(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// Reads base64 in either alphabet, padded or not; throws for what is none.
export function fromBase64(text) {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) throw new Unreadable();
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}

// Reads base64url as a JWS has it: one text for one sequence of bytes.
export function fromBase64Url(text) {
  const bytes = fromBase64(text);
  if (toBase64Url(bytes) !== text) throw new Unreadable();
  return bytes;
}

// Reads JSON in which no object has a name twice, no number is endless and nothing is no value of JSON.
export function strictJson(text) {
  const value = JSON.parse(text);
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[^\s"{}[\]:,]+|[{}[\]:,]/g) ?? [];
  const open = [];
  tokens.forEach((token, place) => {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : null);
      if (open.length > DEEPEST) throw new Unreadable();
    } else if (token === "}" || token === "]") open.pop();
    else if (token[0] === '"' && tokens[place + 1] === ":") {
      const name = JSON.parse(token), names = open[open.length - 1];
      if (names.has(name)) throw new Unreadable();
      names.add(name);
    } else if (/^-?\d{20,}$/.test(token) && token.length > 20) throw new Unreadable();
  });
  return value;
}

// Gives a whole day as it is written; "" for a year, a month, words, or a day that is none.
export function dayOf(value) {
  const found = typeof value === "string" && /^(\d{4}-\d\d-\d\d)(?:[T ][^]*)?$/.exec(value);
  if (!found) return "";
  const [year, month, day] = found[1].split("-").map(Number);
  const last = new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();
  return year && month >= 1 && month <= 12 && day >= 1 && day <= last ? found[1] : "";
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/;
const END_OF_TIME = 253402300000, DAY = 86400;

// Gives seconds since 1970 of a moment: undefined where none is said, null where it is of another kind.
export function momentOf(value) {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 && value < END_OF_TIME ? value : null;
  const found = typeof value === "string" && MOMENT.exec(value);
  if (!found || !dayOf(found[1])) return null;
  const [hour, minute, second, more, ahead, behind] = [2, 3, 4, 5, 8, 9].map((place) => Number(found[place] ?? 0));
  if (hour > 23 || minute > 59 || second > 59 || ahead > 23 || behind > 59) return null;
  const fraction = found[5] ? more / 10 ** found[5].length : 0;
  const offset = (found[7] === "-" ? -1 : 1) * (ahead * 3600 + behind * 60);
  const start = new Date(0);
  start.setUTCFullYear(...found[1].split("-").map((part, place) => Number(part) - (place === 1 ? 1 : 0)));
  const at = start.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return at < -62135596800 || at >= 253402300800 ? null : at + fraction;
}

// Gives the day of a moment where this device is.
export function localDay(seconds) {
  const at = new Date(seconds * 1000), here = new Date(at - at.getTimezoneOffset() * 60000);
  return (here.getUTCFullYear() > 9999 || here.getUTCFullYear() < 1 ? at : here).toISOString().slice(0, 10);
}

// Gives the day so many days later; there is none behind year 9999.
export function daysLater(day, count) {
  const found = new Date(Date.parse(day) + count * DAY * 1000).toISOString();
  return found[0] === "+" ? "9999-12-31" : found.slice(0, 10);
}
