// What is shown and not read on this page, by the name it has: edge/credentials/kinds.py, with the table
// of beginnings that the site publishes.

import { cbor } from "./cbor.js";
import { Unreadable, base45, begun, fromBase64, hex, inflate, isBare, strictJson, stripEnd, utf8 } from "./texts.js";

const CARD = "https://smarthealth.cards#";
const VERSION_2 = "https://www.w3.org/ns/credentials/v2";
const SUITES = ["Ed25519Signature2018", "RsaSignature2018"];
const MESSAGES = [["d0", "encrypted"], ["d860", "encrypted"], ["d83dd0", "encrypted"], ["d2", "cwt"], ["d83dd2", "cwt"]];
const IDENTITY = 169, HEALTH = -260;

export const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
export const listed = (value) => Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];

// Reads a text as an object of JSON, or gives null.
export function objectIn(text) {
  try {
    const found = strictJson(text);
    return isMap(found) ? found : null;
  } catch { return null; }
}

const isOpenAttestation = (document) => [document.signature, ...listed(document.proof)].filter(isMap)
  .some((proof) => ["SHA3MerkleProof", "OpenAttestationMerkleProofSignature2018"].includes(proof.type));
const isPresentation = (document) => listed(document.type).includes("VerifiablePresentation")
  && !listed(document.verifiableCredential).some((one) => typeof one === "string");
const JSON_KINDS = [
  ["open-attestation-file", isOpenAttestation],
  ["encrypted", (one) => "ciphertext" in one && ("protected" in one || "recipients" in one)],
  ["jwt", (one) => "payload" in one && ("signatures" in one || "signature" in one)],
  ["vc-presentation", isPresentation],
  ["fhir", (one) => ![null, undefined, "Parameters"].includes(one.resourceType)],
];

function credential(document) {
  const contexts = listed(document["@context"]), types = listed(document.type), { proof } = document;
  if (contexts.includes(VERSION_2)) return "w3c-2";
  const tests = listed(document.evidence).filter(isMap).some((one) => listed(one.type).includes("TestDetails"));
  if (types.includes("ProofOfTestCertificateCredential") || tests) return "divoc-test";
  if (types.length && !types.includes("ProofOfVaccinationCredential")) return "vc-other";
  if (Array.isArray(proof)) return "vc-other-proof";
  const kind = isMap(proof) ? proof.type : null;
  return typeof kind === "string" && !SUITES.includes(kind) ? "vc-other-proof" : "divoc";
}

function inJson(document) {
  if (!document) return "";
  const found = JSON_KINDS.find(([, fits]) => fits(document));
  if (found) return found[0];
  if ("credentialSubject" in document) return credential(document);
  return isMap(document.data) && isMap(document.data.hdr) ? "vds-nc" : "";
}

// Tells a JWT from a health card: a card is packed, or says that it should have been.
function inToken(head, body) {
  try {
    const [header, payload] = [head, body].map((part) => strictJson(utf8(fromBase64(part))));
    if (!isMap(header) || !isMap(payload) || "zip" in header) return "";
    const types = isMap(payload.vc) ? listed(payload.vc.type) : [];
    return types.some((one) => String(one).startsWith(CARD)) ? "" : "jwt";
  } catch { return ""; }
}

// Gives CBOR as JSON has it: edge/credentials/pixelpass.py.
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  if (![...value.keys()].every((name) => typeof name === "string")) throw new Unreadable();
  return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
}

// Names what base45 and zlib hold: JSON as text or CBOR (PixelPass), or a message without a prefix.
function inPacked(text, tags) {
  try {
    const bytes = inflate(base45(text)), begins = hex(bytes.subarray(0, 4));
    if (bytes[0] === 0x7b) return inJson(objectIn(utf8(bytes)));
    if (bytes[0] >> 5 === 5) return inJson(plain(cbor(bytes, tags)));
    const [, name] = MESSAGES.find(([first]) => begins.startsWith(first)) ?? [];
    if (name !== "cwt") return name ?? "";
    let message = cbor(bytes, tags);
    while (message?.value !== undefined) message = message.value;
    const claims = cbor(message[2], tags);
    return claims.has(IDENTITY) ? "identity" : claims.has(HEALTH) ? "" : name;
  } catch { return ""; }
}

// Gives {name, sentence} of what this page does not read; nothing for what it may read.
export function otherKind(shown, { kinds, tags }) {
  const text = stripEnd(begun(shown)), token = /^([\w-]+)\.([\w-]+)\.[\w-]*$/.exec(text);
  const bytes = hex(new TextEncoder().encode(shown.slice(0, 4)));
  const named = (name) => kinds.find((kind) => kind.name === name) ?? null;
  const begins = kinds.find((kind) => kind.first.some((first) => bytes.startsWith(first)))
    ?? kinds.find((kind) => kind.beginning && new RegExp(`^(?:${kind.beginning})`, "i").test(text));
  if (begins) return begins;
  if (text.startsWith("{")) return named(inJson(objectIn(text)));
  if (token) return named(inToken(token[1], token[2]));
  if (/^[0-9]{400,}$/.test(text)) return named("aadhaar");
  if (/^(?:PK|B64:)/.test(text)) return named("divoc");
  return isBare(shown) ? named(inPacked(text, tags)) : null;
}
