// Verifies health certificates (HC1:) and SMART Health Cards (shc:/) in the browser, with nothing
// but the keys it is given. Web Crypto needs https, which a clinic's network does not have, so
// SHA-256 (FIPS 180-4) and ECDSA on P-256 (FIPS 186-5) are done here.

import { canBe, daysOf, isRead, readBundle } from "./cards.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const LARGEST = 65536;

export class Unreadable extends Error {}
class OtherKind extends Error {}

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

export async function inflate(bytes, format) {
  const out = new Uint8Array(LARGEST);
  let size = 0;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return out.slice(0, size);
      if (size + value.length > LARGEST) throw new Unreadable();
      out.set(value, size);
      size += value.length;
    }
  } catch {
    throw new Unreadable();
  } finally {
    reader.cancel().catch(() => {});
  }
}

// RFC 8949, what health certificates need of it; maps become Map, so that no key is special.
export function cbor(bytes) {
  let place = 0;
  const need = (count) => {
    if (place + count > bytes.length) throw new Unreadable();
    place += count;
    return bytes.subarray(place - count, place);
  };
  const number = (info) => {
    if (info < 24) return info;
    if (info > 27) throw new Unreadable();
    return Number(need(1 << (info - 24)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n));
  };
  const text = (part) => new TextDecoder("utf-8", { fatal: true }).decode(part);
  const read = (depth) => {
    if (depth > 16) throw new Unreadable();
    const [first] = need(1);
    const kind = first >> 5, info = first & 31;
    if (kind === 7) {
      if (info === 20 || info === 21) return info === 21;
      if (info === 22 || info === 23) return null;
      if (info === 25) { need(2); return NaN; }
      if (info === 26) return new DataView(need(4).slice().buffer).getFloat32(0);
      if (info === 27) return new DataView(need(8).slice().buffer).getFloat64(0);
      throw new Unreadable();
    }
    if (info === 31) return endless(kind, depth);
    const count = number(info);
    if (kind === 0) return count;
    if (kind === 1) return -1 - count;
    if (kind === 2) return need(count).slice();
    if (kind === 3) return text(need(count));
    if (kind === 6) return read(depth + 1);
    if (count > bytes.length) throw new Unreadable();
    if (kind === 4) return Array.from({ length: count }, () => read(depth + 1));
    return pairs(Array.from({ length: count }, () => [read(depth + 1), read(depth + 1)]));
  };
  const endless = (kind, depth) => {
    const parts = [];
    while (bytes[place] !== 0xff) parts.push(kind === 5 ? [read(depth + 1), read(depth + 1)] : read(depth + 1));
    place += 1;
    if (kind === 4) return parts;
    if (kind === 5) return pairs(parts);
    if (kind === 3) return parts.join("");
    if (kind === 2) return Uint8Array.from(parts.flatMap((part) => [...part]));
    throw new Unreadable();
  };
  const pairs = (list) => {
    const map = new Map(list);
    if (map.size !== list.length) throw new Unreadable();
    return map;
  };
  let value;
  try { value = read(0); } catch { throw new Unreadable(); }
  if (place !== bytes.length) throw new Unreadable();
  return value;
}

const head = (kind, count) => {
  if (count < 24) return [kind << 5 | count];
  if (count < 256) return [kind << 5 | 24, count];
  return [kind << 5 | 25, count >> 8, count & 255];
};
const bytesOf = (part) => [...head(2, part.length), ...part];

export function sha256(data) {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (value) => Math.floor((value - Math.floor(value)) * 2 ** 32);
  const state = Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const constants = Uint32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const padded = new Uint8Array((data.length + 72) >> 6 << 6);
  padded.set(data);
  padded[data.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, data.length * 8);
  const words = new Uint32Array(64);
  const turn = (x, n) => x >>> n | x << (32 - n);
  for (let start = 0; start < padded.length; start += 64) {
    const view = new DataView(padded.buffer, start, 64);
    for (let i = 0; i < 64; i++) {
      if (i < 16) { words[i] = view.getUint32(i * 4); continue; }
      const a = words[i - 15], b = words[i - 2];
      words[i] = words[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >>> 3)
        + words[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ b >>> 10);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + constants[i] + words[i] | 0;
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, d + first | 0, c, b, a, first + second | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((value, i) => out.setUint32(i * 4, value));
  return new Uint8Array(out.buffer);
}

// P-256 (SP 800-186, 3.2.1.3), in Jacobian coordinates.
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const G = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n, 1n];
const mod = (a, m) => (a % m + m) % m;
const inverse = (a, m) => {
  let [r0, r1, s0, s1] = [mod(a, m), m, 1n, 0n];
  while (r1) { const q = r0 / r1; [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1]; }
  return mod(s0, m);
};
const double = ([x, y, z]) => {
  if (!z || !y) return [0n, 1n, 0n];
  const yy = y * y % P, s = 4n * x * yy % P, zz = z * z % P;
  const m = 3n * mod(x - zz, P) * (x + zz) % P, nx = mod(m * m - 2n * s, P);
  return [nx, mod(m * mod(s - nx, P) - 8n * yy * yy, P), 2n * y * z % P];
};
const add = (a, b) => {
  if (!a[2]) return b;
  if (!b[2]) return a;
  const az = a[2] * a[2] % P, bz = b[2] * b[2] % P;
  const u1 = a[0] * bz % P, u2 = b[0] * az % P;
  const s1 = a[1] * bz * b[2] % P, s2 = b[1] * az * a[2] % P;
  if (u1 === u2) return s1 === s2 ? double(a) : [0n, 1n, 0n];
  const h = mod(u2 - u1, P), r = mod(s2 - s1, P), hh = h * h % P, hhh = h * hh % P, v = u1 * hh % P;
  const x = mod(r * r - hhh - 2n * v, P);
  return [x, mod(r * mod(v - x, P) - s1 * hhh, P), h * a[2] * b[2] % P];
};
const toBig = (bytes) => BigInt("0x" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") || "0");

export function ecdsa(key, signature, data) {
  if (signature.length !== 64) return false;
  const x = BigInt("0x" + key.x), y = BigInt("0x" + key.y);
  if (x >= P || y >= P || mod(y * y - (x * x * x - 3n * x + B), P)) return false;
  const r = toBig(signature.subarray(0, 32)), s = toBig(signature.subarray(32));
  if (!r || r >= N || !s || s >= N) return false;
  const w = inverse(s, N), u1 = toBig(sha256(data)) * w % N, u2 = r * w % N;
  const both = add(G, [x, y, 1n]);
  let sum = [0n, 1n, 0n];
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = double(sum);
    const one = u1 >> bit & 1n, two = u2 >> bit & 1n;
    if (one || two) sum = add(sum, one && two ? both : one ? G : [x, y, 1n]);
  }
  if (!sum[2]) return false;
  const z = inverse(sum[2], P);
  return mod(sum[0] * z % P * z, P) % N === r;
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const plain = (value) => value instanceof Map
  ? Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
  : Array.isArray(value) ? value.map(plain) : value;

// A document of the campaign (RFC 8392, a claim of private use): the address of its context, its
// number, and its values in the order of the fields that the site's page gives for that address.
const DOCUMENT = -70001;

function documentOf(parts, types) {
  if (!Array.isArray(parts) || parts.length !== 3) throw new OtherKind();
  const [context, number, values] = parts;
  const type = types.find((one) => one.context === context);
  if (!type || !Array.isArray(values) || values.length !== type.fields.length) throw new OtherKind();
  if ([number, ...values].some((one) => typeof one !== "string")) throw new OtherKind();
  const lines = type.fields.map((one, index) => ({ ...one, text: said(one, values[index]) }));
  lines.sort((one, other) => one.place - other.place);
  return { title: type.title, number, lines: lines.map((one) => [one.label, one.text]) };
}

const said = (field, text) => (field.listed ? text.split(", ") : [text])
  .map((one) => Object.hasOwn(field.choices, one) ? field.choices[one] : one).join(", ");

const latest = (one, other) => one === undefined || one === null ? other : other === undefined || other === null ? one : Math.max(one, other);
const localDay = (seconds) => {
  const at = new Date(seconds * 1000);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
};
// An id is bytes; some issuers write the letters of base64 or hex instead, or the letters of a name.
function kidNames(kid) {
  const raw = typeof kid === "string" ? new TextEncoder().encode(kid) : kid ?? new Uint8Array();
  const names = ["kid:" + hex(raw)], text = String.fromCharCode(...raw.slice(0, 99)).trim();
  if (!/^[ -~]+$/.test(text) || text.endsWith("*")) return names;
  names.push(text);
  if (/^([0-9a-f]{16}|[0-9a-f]{64})$/i.test(text)) names.push("kid:" + text.toLowerCase());
  if (/^[\w+/-]+={0,2}$/.test(text)) try { names.push("kid:" + hex(fromBase64(text.replace(/=+$/, "")))); } catch { /* no base64 */ }
  return names;
}

async function healthCertificate(text, now, types) {
  const message = cbor(await inflate(base45(text.slice(4)), "deflate"));
  if (!Array.isArray(message) || message.length !== 4 || message.some((part, i) => i !== 1 && !(part instanceof Uint8Array))) throw new Unreadable();
  const [protectedBytes, loose, payload, signature] = message;
  const header = protectedBytes.length ? cbor(protectedBytes) : new Map();
  const claims = cbor(payload);
  if (!(header instanceof Map) || !(claims instanceof Map) || header.has(2)) throw new Unreadable();
  const kid = header.get(4) ?? loose.get?.(4);
  const common = {
    names: kidNames(kid),
    algorithm: header.get(1) ?? loose.get?.(1),
    signature,
    signed: Uint8Array.from([0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...bytesOf(protectedBytes), 0x40, ...bytesOf(payload)]),
    from: latest(claims.get(6), claims.get(5)), signedAt: claims.get(6), until: claims.get(4), issuer: "",
  };
  if (claims.has(DOCUMENT)) {
    const found = documentOf(claims.get(DOCUMENT), types);
    return { ...common, group: "", counting: "all", whole: true, document: found, claims: { issuer: claims.get(1) } };
  }
  const health = plain(claims.get(-260) ?? new Map());
  if (health !== null && typeof health === "object" && !(1 in health) && !(-6 in health)) throw new OtherKind();
  const found = health[1] ?? health[-6] ?? {};
  // a yellow card in fields of an edition that is not known here
  if (!health[1] && found === health[-6] && !("v" in Object(found)) && !("vx" in Object(found))) throw new OtherKind();
  const groups = ["v", "t", "r", "vx"].filter((name) => found[name] && typeof found[name] === "object");
  const one = [found[groups[0]]].flat();
  const event = one[0];
  const days = daysOf(event ?? {}, !health[1]);
  return {
    ...common,
    days: days ?? {}, ends: Boolean(health[1]),
    group: health[1] ? groups[0] : "v",
    counting: ["v", "vx"].includes(groups[0]) && (event?.dn < 1 || !canBe(event?.dt ?? event?.dv, found.dob, now)) ? "nothing" : "all",
    whole: days !== null && groups.length === 1 && one.length === 1 && !!(found.nam || found.n),
    claims: event && {
      name: found.n ?? [found.nam?.gn, found.nam?.fn].filter(Boolean).join(" "),
      birthDate: found.dob, vaccine: event.mp ?? event.vp ?? "", dose: event.dn && event.sd ? `${event.dn} / ${event.sd}` : "",
      result: event.tr ?? "", date: event.dt ?? event.dv ?? event.sc ?? event.fr ?? "", lot: event.bo ?? "", issuer: event.is ?? "",
    },
  };
}

const fromBase64 = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function healthCard(text, now) {
  const digits = text.slice(5);
  if (!/^([0-9]{2})+$/.test(digits) || digits.length > LARGEST) throw new Unreadable();
  const jws = digits.match(/../g).map((pair) => String.fromCharCode(+pair + 45)).join("");
  const [head, body, signature] = jws.split(".");
  let header, payload;
  try {
    header = JSON.parse(new TextDecoder().decode(fromBase64(head)));
    payload = JSON.parse(new TextDecoder().decode(await inflate(fromBase64(body), "deflate-raw")));
  } catch { throw new Unreadable(); }
  const bundle = payload?.vc?.credentialSubject?.fhirBundle, types = payload?.vc?.type;
  if (Array.isArray(types) && !types.includes("https://smarthealth.cards#health-card")) throw new OtherKind();
  const whole = Array.isArray(types) && types.includes("https://smarthealth.cards#health-card")
    && bundle?.resourceType === "Bundle" && Array.isArray(bundle.entry) && /^https:\/\/.*[^/]$/.test(payload.iss ?? "");
  if (whole && !isRead(payload.vc.credentialSubject.fhirVersion, bundle.type)) throw new OtherKind();
  const said = whole ? readBundle(bundle, now) : { group: "v", counting: "all", claims: {} };
  return {
    names: [header.kid], algorithm: header.alg === "ES256" && header.zip === "DEF" ? -7 : 0,
    signature: fromBase64(signature), signed: new TextEncoder().encode(`${head}.${body}`),
    from: latest(payload.nbf, payload.iat), signedAt: payload.nbf, until: payload.exp, issuer: payload.iss, whole,
    group: said.group, counting: said.counting, claims: { ...said.claims, issuer: payload.iss },
  };
}

// Gives {verdict, reason, claims}: the words of the site computer's verdicts, the reason a key; of a
// document of the campaign, whose kinds are the types and whose sites are of a country and a DID, also
// {document}.
export async function judge(text, keys, now = Date.now() / 1000, { types = [], country = "", did = "" } = {}) {
  let shown;
  try {
    if (text.startsWith("HC1:")) shown = await healthCertificate(text, now, types);
    else if (text.startsWith("shc:/")) shown = await healthCard(text, now);
    else return { verdict: "unreadable", reason: "other" };
  } catch (error) { return { verdict: "unreadable", reason: error instanceof OtherKind ? "form" : "damaged" }; }
  if (!shown.whole || ![shown.from ?? 0, shown.until ?? 0].every(Number.isFinite)) return { verdict: "invalid", reason: "form" };
  if (shown.algorithm !== -7 || shown.signature.length === 96) return { verdict: "unreadable", reason: "algorithm" };
  const known = keys.filter((key) => shown.names.some((name) => key.names.includes(name)) && (!key.issuer || key.issuer === shown.issuer));
  // a key of nobody's country is a pharmacy's or of another nation's list, where the DID does not name it
  const own = (key) => !shown.document || (key.country ? key.country === country : did && key.names.some((name) => name.startsWith(`${did}:`)));
  const counting = known.filter(own);
  if (!counting.length) return { verdict: "unknown-issuer", reason: "issuer" };
  const maker = counting.find((one) => ecdsa(one, shown.signature, shown.signed));
  if (!maker) return { verdict: "invalid", reason: "signature" };
  const same = counting.filter((one) => one.x === maker.x && one.y === maker.y);
  if (shown.ends && !shown.until && same.every((one) => one.until)) shown.until = Math.max(...same.map((one) => one.until));
  // one key may be listed twice, with other dates or usages: the entry that fits best counts
  const moment = shown.until ? now : shown.signedAt ?? now;
  const usable = (one) => !shown.group || !one.usages || one.usages.includes(shown.group);
  const fitness = (one) => 4 * usable(one) + 2 * !(one.until && moment > one.until) + !(one.from && moment + 60 < one.from);
  const key = same.sort((one, other) => fitness(other) - fitness(one))[0];
  if (!usable(key)) return { verdict: "invalid", reason: "usage" };
  const { document } = shown, days = shown.days ?? {}, today = localDay(now);
  const starts = [shown.from && localDay(shown.from), days.first].filter(Boolean).sort().pop();
  const stops = [shown.until && localDay(shown.until), days.last].filter(Boolean).sort().shift();
  const claims = shown.claims && { ...shown.claims, validFrom: starts, validUntil: stops };
  if (shown.from && now + 60 < shown.from) return { verdict: "not-yet-valid", reason: "early", claims, document };
  if (shown.until && now > shown.until) return { verdict: "expired", reason: "late", claims, document };
  if (days.first && today < days.first) return { verdict: "not-yet-valid", reason: "early", claims, document };
  if (days.last && today > days.last) return { verdict: "expired", reason: "late", claims, document };
  if (key.from && moment + 60 < key.from) return { verdict: "not-yet-valid", reason: "early", claims, document };
  if (key.until && moment > key.until) return { verdict: "expired", reason: "late", claims, document };
  return { verdict: "valid", reason: { nothing: "nothing", some: "some" }[shown.counting] ?? "valid", claims, document };
}
