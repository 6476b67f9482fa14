// Judges health certificates (HC1:) and SMART Health Cards as edge/credentials/verifier.py does, with
// nothing but the keys and the tables that the site publishes: tests/credentials asks both of every vector.

import { isRead, readBundle } from "./cards.js";
import { cbor, Tag } from "./cbor.js";
import { isMap, objectIn, otherKind } from "./kinds.js";
import { ecdsaFits, entriesThatFit, kidNames, thumbprint } from "./keys.js";
import { Malformed, OtherContents, readContents } from "./tables.js";
import {
  LARGEST, Unreadable, base45, begun, cut, fromBase64, fromBase64Url, inflate, inflateRaw, isPrefixed, localDay,
  momentOf, packedTexts, strictJson, strip, stripEnd, utf8,
} from "./texts.js";

const HEALTH = -260, LINK = 5;
// A document of the campaign (RFC 8392, a claim of private use): the address of its context, its
// number, and its values in the order of the fields that the site's page gives for that address.
const DOCUMENT = -70001;
const GRAVEST_FIRST = ["invalid", "unknown-issuer", "expired", "not-yet-valid", "valid", "unreadable"];
const ALGORITHMS = { [-7]: "EC", [-37]: "RSA", [-8]: "Ed25519" };
const LEEWAY = 60;

const greatest = (...all) => all.filter((one) => one !== undefined).reduce((most, one) => most === undefined || one > most ? one : most, undefined);
const stated = (...values) => values.map((value) => {
  const found = momentOf(value);
  if (found === null) throw new Malformed();
  return found;
});

function signedMessage(bytes, tags) {
  let value = cbor(bytes, tags);
  for (const number of [61, 18]) if (value instanceof Tag && value.number === number) value = value.value;
  if (!Array.isArray(value) || value.length !== 4) throw new Unreadable();
  const [coded, loose, payload, signature] = value;
  if (![coded, payload, signature].every((part) => part instanceof Uint8Array)) throw new Unreadable();
  const header = coded.length ? cbor(coded, tags) : new Map();
  if (!(header instanceof Map) || !(loose instanceof Map) || header.has(2)) throw new Unreadable();
  const told = (name) => header.has(name) ? header.get(name) : loose.get(name);
  const kid = typeof told(4) === "string" ? new TextEncoder().encode(told(4)) : told(4) ?? null;
  if (kid !== null && !(kid instanceof Uint8Array)) throw new Unreadable();
  const claims = cbor(payload, tags);
  if (!(claims instanceof Map)) throw new Unreadable();
  return { kid, algorithm: told(1), signature, claims, signed: toBeSigned(coded, payload) };
}

const lengthOfBytes = (count) => count < 24 ? [0x40 | count] : count < 256 ? [0x58, count]
  : count < 65536 ? [0x59, count >> 8, count & 255] : [0x5a, 0, count >> 16, count >> 8 & 255, count & 255];
const toBeSigned = (coded, payload) => Uint8Array.from([
  0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...lengthOfBytes(coded.length), ...coded,
  0x40, ...lengthOfBytes(payload.length), ...payload]);

function shownMessage(text, tags) {
  for (const packed of packedTexts(text)) {
    let bytes;
    try { bytes = inflate(base45(packed)); } catch { continue; }
    return signedMessage(bytes, tags);
  }
  throw new Unreadable();
}

function documentOf(parts, types) {
  if (!Array.isArray(parts) || parts.length !== 3) throw new Malformed();
  const [context, number, values] = parts, type = types.find((one) => one.context === context);
  if (!type) throw new OtherContents();
  if (!Array.isArray(values) || values.length !== type.fields.length) throw new Malformed();
  if ([number, ...values].some((one) => typeof one !== "string")) throw new Malformed();
  const lines = type.fields.map((one, index) => ({ ...one, text: inWords(one, values[index]) }));
  lines.sort((one, other) => one.place - other.place);
  return { title: type.title, number, lines: lines.map((one) => [one.label, one.text]) };
}

const inWords = (field, text) => (field.listed ? text.split(", ") : [text])
  .map((one) => Object.hasOwn(field.choices, one) ? field.choices[one] : one).join(", ");

// A link to a health record is never followed; what it says of itself: edge/credentials/health_links.py.
function linkOf(value) {
  const links = (Array.isArray(value) ? value : [value]).map((one) => one instanceof Map ? one.get("u") : one);
  const right = (link) => typeof link === "string" && link.length < 4096 && /^(?:vhlink|shlink):\//.test(link);
  if (!links.length || !links.every(right)) throw new OtherContents();
  let found = null;
  try { found = strictJson(utf8(fromBase64(links[0].split("/").pop()))); } catch { /* nothing is told of it */ }
  if (!isMap(found)) return { label: "", until: undefined };
  const [until] = stated(typeof found.exp === "string" ? undefined : found.exp);
  return { label: typeof found.label === "string" ? cut(found.label, 80) : "", until };
}

const own = (key, { country, did }) => key.country ? key.country === country : did && key.names.some((name) => name.startsWith(`${did}:`));

function healthCertificate(text, now, site) {
  const { kid, algorithm, signature, signed, claims } = shownMessage(text, site.rules.tags);
  const names = kid?.length ? kidNames(kid) : [];
  const common = {
    algorithm, signature, signed, names: [...names, "*"], mayCount: (key) => !key.issuer, group: "", counting: "all", days: { first: "", last: "" },
  };
  const document = claims.has(DOCUMENT) && site.types, health = claims.get(HEALTH);
  const mayCount = document ? (key) => !key.issuer && names.length > 0 && key.names.includes(names[0]) && own(key, site) : common.mayCount;
  const link = !document && health instanceof Map && health.has(LINK);
  return signedBy({ names: common.names, mayCount, link }, () => certificateOf({ ...common, mayCount }, claims, document, link, now, site));
}

function certificateOf(common, claims, isDocument, isLink, now, site) {
  const times = () => {
    const [signedAt, from, until] = stated(claims.get(6), claims.get(5), claims.get(4));
    return { signedAt, from: greatest(signedAt, from), until };
  };
  const health = claims.get(HEALTH), issuer = typeof claims.get(1) === "string" ? claims.get(1) : "";
  if (isDocument) return { ...common, ...times(), document: documentOf(claims.get(DOCUMENT), site.types), claims: { issuer } };
  if (isLink) {
    const link = linkOf(health.get(LINK)), when = times();
    const ends = [when.until, link.until].filter((one) => one !== undefined);
    return { ...common, ...when, until: ends.length ? Math.min(...ends) : undefined, link: true, claims: { label: link.label, issuer } };
  }
  const found = readContents(claims, health, site.rules.profiles, now);
  return { ...common, ...times(), ...found, claims: displayed(found.claims) };
}

// What the page shows of a health certificate, by the names of its words.
const displayed = (claims) => ({
  name: claims.name ?? [claims.givenName ?? claims.givenNameMrz, claims.familyName ?? claims.familyNameMrz].filter(Boolean).join(" "),
  birthDate: claims.birthDate, vaccine: claims.vaccine ?? claims.prophylaxis,
  dose: claims.dose && claims.totalDoses ? `${claims.dose} / ${claims.totalDoses}` : "",
  result: claims.result, date: claims.date, lot: claims.lot, issuer: claims.issuer,
});

// The health cards that a text carries, as compact JWS; null for what carries none.
function jwsIn(text) {
  const code = begun(text);
  if (!/^shc:\//i.test(code)) return JWS.test(strip(text)) ? strip(text) : "";
  if (code !== stripEnd(code)) throw new Unreadable();
  const digits = code.slice(5), values = (digits.match(/../g) ?? []).map(Number);
  if (!/^([0-9]{2})*$/.test(digits) || digits.length > LARGEST || values.some((one) => one > 77)) throw new Unreadable();
  return values.map((one) => String.fromCharCode(one + 45)).join("");
}

// Gives the cards of a .smart-health-card file or of FHIR Parameters: edge/credentials/shc_text.py.
function carriedIn(text) {
  const document = strip(text).startsWith("{") ? objectIn(text) : null;
  let carried = document?.verifiableCredential;
  if (document?.resourceType === "Parameters") {
    carried = Array.isArray(document.parameter) ? document.parameter.filter((one) => isMap(one) && one.name === "verifiableCredential").map((one) => one.valueString) : [];
  }
  return Array.isArray(carried) ? carried.filter((one) => typeof one === "string").slice(0, 8) : [];
}

const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const TYPE = "https://smarthealth.cards#health-card";

function healthCard(jws, now, site) {
  if (jws.length > LARGEST || !JWS.test(jws)) throw new Unreadable();
  const [head, body, last] = jws.split(".");
  let header, packed, signature;
  try { [header, packed, signature] = [strictJson(utf8(fromBase64Url(head))), ...[body, last].map(fromBase64Url)]; } catch { throw new Unreadable(); }
  if (!isMap(header)) throw new Unreadable();
  const mayCount = (key) => key.x && thumbprint(key) === header.kid;
  const signer = typeof header.kid === "string" ? { names: [header.kid, "*"], mayCount } : null;
  return signedBy(signer, () => cardOf(header, packed, { signature, signed: new TextEncoder().encode(`${head}.${body}`) }, now, site));
}

function cardOf(header, packed, signed, now, site) {
  let payload = null;
  if (header.alg !== "ES256" || "crit" in header || typeof header.kid !== "string" || header.zip !== "DEF") throw new Malformed();
  try { payload = strictJson(utf8(inflateRaw(packed).bytes)); } catch { /* said below */ }
  if (!isMap(payload)) throw new Malformed();
  const { iss, nbf, iat, exp, vc } = payload;
  if (typeof iss !== "string" || !iss.startsWith("https://") || iss.endsWith("/")) throw new Malformed();
  if (nbf === undefined || nbf === null || typeof nbf === "string" || typeof exp === "string") throw new Malformed();
  const [signedAt, issued, until] = stated(nbf, iat, exp);
  const subject = isMap(vc) && isMap(vc.credentialSubject) ? vc.credentialSubject : {}, bundle = subject.fhirBundle;
  const types = isMap(vc) ? vc.type : null;
  if (Array.isArray(types) && !types.includes(TYPE)) throw new OtherContents();
  if (!Array.isArray(types) || !isMap(bundle)) throw new Malformed();
  if (bundle.resourceType !== "Bundle" || !Array.isArray(bundle.entry)) throw new Malformed();
  if (!isRead(subject.fhirVersion, bundle.type)) throw new OtherContents();
  const { group, counting, claims } = readBundle(bundle, now, site.rules.codes);
  return {
    ...signed, algorithm: -7, names: [header.kid, "*"],
    mayCount: (key) => ["", iss].includes(key.issuer) && key.x && thumbprint(key) === header.kid,
    signedAt, from: greatest(signedAt, issued), until, days: { first: "", last: "" }, group, counting, claims: { ...claims, issuer: iss },
  };
}

const knownTo = (shown, keys) => keys.filter((key) => shown.names.some((name) => key.names.includes(name)) && shown.mayCount(key));

// Gives the verdict on what nobody signed whom the lists know; nothing where they know somebody.
function nobody(shown, keys) {
  if (knownTo(shown, keys).length) return null;
  return shown.link ? { verdict: "unreadable", reason: "form" } : { verdict: "unknown-issuer", reason: "issuer" };
}

// Finds the entries of the lists whose key made the signature, or says why there is none.
async function signers(shown, keys) {
  const known = knownTo(shown, keys), unknown = nobody(shown, keys);
  if (unknown) return unknown;
  const asked = Object.hasOwn(ALGORITHMS, shown.algorithm) && typeof shown.algorithm === "number" ? ALGORITHMS[shown.algorithm] : "";
  if (asked && asked !== "EC" && known.some((key) => key.kind === asked)) return { verdict: "unreadable", reason: "algorithm" };
  const entries = asked === "EC" ? await entriesThatFit(known, (key) => ecdsaFits(key, shown.signature, shown.signed)) : [];
  return entries.length ? { entries } : { verdict: "invalid", reason: "signature" };
}

// Gives the time of the entry that fits best, wherever it stands in the lists.
function keyTime(entries, usable, moment) {
  const fitness = (key) => [usable(key), !(key.from !== null && moment + LEEWAY < key.from) && !(key.until !== null && moment > key.until),
    key.until ?? Infinity, -(key.from ?? -Infinity)];
  const better = (one, other) => { for (const at of [0, 1, 2, 3]) if (+one[at] !== +other[at]) return +one[at] > +other[at]; return false; };
  return entries.reduce((best, key) => better(fitness(key), fitness(best)) ? key : best);
}

async function judged(shown, keys, now) {
  const { entries, ...problem } = await signers(shown, keys);
  if (!entries) return problem;
  if (shown.ends && shown.until === undefined) {
    shown.until = entries.some((key) => key.until === null) ? undefined : Math.max(...entries.map((key) => key.until));
  }
  const { days, document, from, until } = shown, today = localDay(now);
  const starts = [from !== undefined && localDay(from), days.first].filter(Boolean).sort().pop();
  const stops = [until !== undefined && localDay(until), days.last].filter(Boolean).sort().shift();
  const claims = { ...shown.claims, validFrom: starts, validUntil: stops };
  const usable = (key) => !shown.group || !key.usages || key.usages.includes(shown.group);
  if (!entries.some(usable)) return { verdict: "invalid", reason: "usage" };
  const early = { verdict: "not-yet-valid", reason: "early", claims, document }, late = { verdict: "expired", reason: "late", claims, document };
  if (from !== undefined && now + LEEWAY < from) return early;
  if (until !== undefined && now > until) return late;
  if (days.first && today < days.first) return early;
  if (days.last && today > days.last) return late;
  const moment = until === undefined && shown.signedAt !== undefined ? shown.signedAt : now, key = keyTime(entries, usable, moment);
  if (key.from !== null && moment + LEEWAY < key.from) return early;
  if (key.until !== null && moment > key.until) return late;
  const reason = shown.link ? "link" : { nothing: "nothing", some: "some" }[shown.counting] ?? "valid";
  return { verdict: "valid", reason, claims, document };
}

// Says of whom what a reader refuses is signed: of what nobody known here signed, nobody can say that it
// was written wrongly (edge/credentials/evidence.py).
function signedBy(signer, read) {
  try { return read(); } catch (error) { throw error instanceof Malformed ? Object.assign(error, { signer }) : error; }
}

async function readAndJudged(read, keys, now) {
  let shown;
  try { shown = read(); } catch (error) {
    if (error instanceof Malformed) return (error.signer && nobody(error.signer, keys)) || { verdict: "invalid", reason: "form" };
    return { verdict: "unreadable", reason: error instanceof OtherContents ? "form" : "damaged" };
  }
  return judged(shown, keys, now);
}

async function judgeOne(shown, keys, now, site) {
  const other = otherKind(shown, site.rules);
  if (other) return { verdict: "unreadable", reason: "kind", kind: other.name, sentence: other.sentence };
  if (isPrefixed(shown)) return readAndJudged(() => healthCertificate(shown, now, site), keys, now);
  let jws;
  try { jws = jwsIn(shown); } catch { return { verdict: "unreadable", reason: "damaged" }; }
  return jws ? readAndJudged(() => healthCard(jws, now, site), keys, now) : { verdict: "unreadable", reason: "other" };
}

// Gives {verdict, reason, claims}: the words of the site computer's verdicts, the reason a key, and of a
// kind that is not read on this page its {sentence}; of a document of the campaign also {document}. Of a
// file of cards it is the gravest: edge/credentials/verdict.py.
// What the site publishes: its rules, the types of documents, and whose they must be.
export async function judge(text, keys, now, site) {
  if (new TextEncoder().encode(text).length > LARGEST) return { verdict: "unreadable", reason: "damaged" };
  const shown = text.replace(/\n$/, "").replace(/\r$/, "");
  const cards = otherKind(shown, site.rules) ? [] : carriedIn(shown);
  if (!cards.length) return judgeOne(shown, keys, now, site);
  cards.sort((one, other) => isPrefixed(other) - isPrefixed(one) || (one < other ? -1 : 1));
  const found = [];
  for (const card of cards) found.push(await judgeOne(card, keys, now, site));
  return found.sort((one, other) => GRAVEST_FIRST.indexOf(one.verdict) - GRAVEST_FIRST.indexOf(other.verdict))[0];
}
