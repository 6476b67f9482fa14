// What stands where in a health certificate: the tables of config/credentials, as the site publishes
// them, read as edge/credentials/profiles.py reads them.

import { canBe, isNought } from "./cards.js";
import { dayOf, daysLater, lengthOf, trimmed } from "./texts.js";

export class Malformed extends Error {}
export class OtherContents extends Error {}

const nothing = (value) => value === null || value === undefined;
const isEmpty = (value) => {
  if (Array.isArray(value)) return value.every((one) => one === null);
  if (typeof value === "string") return !trimmed(value);
  return nothing(value) || (value instanceof Map && !value.size);
};

// Gives a member; of a list with one entry, that entry: groups are written either way.
function entry(contents, step) {
  if (Array.isArray(contents) && contents.length === 1) [contents] = contents;
  const value = contents instanceof Map ? contents.get(step) ?? null : null;
  if (Array.isArray(value)) {
    const entries = value.filter((one) => one !== null);
    if (entries.length === 1 && entries[0] instanceof Map) return entries[0];
  }
  return value;
}
const at = (contents, path) => path.reduce((value, step) => value === null ? null : entry(value, step), contents);

const whole = (value) => typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
function reads(form, value) {
  if (form.least) return whole(value) && (form.tolerated !== "" || value >= form.least);
  if (form.tolerated) return typeof value === "string" && lengthOf(value) <= (form.longest || 80);
  if (!form.longest && !form.pattern) return true;
  if (typeof value !== "string" || (form.longest && lengthOf(value) > form.longest)) return false;
  return !form.pattern || new RegExp(`^(?:${form.pattern})$`, "s").test(value);
}

function shown(value) {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" || typeof value === "boolean") return Number.isFinite(value) ? value : String(value);
  if (value instanceof Map) {
    return [...value.values()].map(shown).filter((one) => one !== "" && one !== null).join(", ").slice(0, 300);
  }
  return nothing(value) ? null : String(value).slice(0, 300);
}

function groupOf(profile, contents) {
  const there = Object.keys(profile.kinds).filter((name) => !isEmpty(contents.get(name)));
  const listed = there.length === 1 && Array.isArray(contents.get(there[0]));
  if (there.length !== 1 || (profile.listed && !listed) || !(entry(contents, there[0]) instanceof Map)) throw new Malformed();
  return there[0];
}

function claimsOf(profile, contents) {
  const groups = Object.keys(profile.kinds), group = groups.length ? groupOf(profile, contents) : "";
  const found = { kind: group ? profile.kinds[group] : profile.kind };
  for (const field of profile.fields) {
    if (groups.includes(field.path[0]) && field.path[0] !== group) continue;
    let value = at(contents, field.path);
    if (typeof value === "string" && !field.form.exact) value = trimmed(value);
    if (value === null) {
      if (field.required && !(field.nullable && contents.has(field.path[0]))) throw new Malformed();
      continue;
    }
    if (!reads(field.form, value)) throw new Malformed();
    if (field.claim) found[field.claim] = shown(value);
  }
  if (profile.choices.some((choice) => choice.every((path) => isEmpty(at(contents, path))))) throw new Malformed();
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== "" && value !== null));
}

// Gives the first and the last day that claims limit themselves to, "" without limit.
function daysOf(profile, claims) {
  const [first, last] = ["validFrom", "validUntil"].map((name) => dayOf(claims[name]));
  if ((claims.validFrom !== undefined && !first) || (claims.validUntil !== undefined && !last)) throw new Malformed();
  const given = dayOf(claims.date), { delay } = profile;
  const late = given && delay && delay.claims.some((name) => new RegExp(`^(?:${delay.pattern})$`).test(String(claims[name] || "")));
  const protects = late ? daysLater(given, delay.days) : "";
  return { first: protects > first ? protects : first, last };
}

// What cannot have been given is no dose: edge/domain/counting.py.
function countingOf(claims, now) {
  if (claims.kind !== "vaccination") return "all";
  const nought = [claims.dose, claims.totalDoses].some(isNought);
  return nought || !canBe(claims.date, claims.birthDate, now) ? "nothing" : "all";
}

const USAGES = { vaccination: "v", test: "t", recovery: "r" };

// Reads the contents by the first table that fits them; throws Malformed, or OtherContents.
export function readContents(claims, health, profiles, now) {
  const places = health instanceof Map ? health : new Map([[0, claims]]);
  const named = profiles.filter((profile) => profile.subclaim && places.has(profile.subclaim));
  for (const profile of profiles) {
    const contents = places.get(profile.subclaim);
    if (!(contents instanceof Map) || profile.has.some((path) => isEmpty(at(contents, path)))) continue;
    const found = claimsOf(profile, contents);
    return {
      claims: found, profile: profile.called, ends: profile.ends, days: daysOf(profile, found),
      group: USAGES[found.kind], counting: countingOf(found, now),
    };
  }
  throw named.length && !named.some((profile) => places.get(profile.subclaim) instanceof Map) ? new Malformed() : new OtherContents();
}
