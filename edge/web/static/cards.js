// What a FHIR bundle of a SMART Health Card says of one person: the rules of edge/credentials/fhir.py
// and edge/domain/counting.py, which say where each comes from. The code systems are tables of the site.

import { dayOf, lengthOf, strip } from "./texts.js";

const AHEAD = 14 * 3600;  // no place on earth has a later day than UTC+14
const RECALL = "http://terminology.hl7.org/codesystem/immunization-origin";
const SNOMED = "http://snomed.info/sct", LOINC = "http://loinc.org";

const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const text = (value) => typeof value === "string" ? value.slice(0, 300) : "";
const list = (value) => Array.isArray(value) ? value : [];
const plain = (system, { same }) => {
  const found = strip(system).toLowerCase().replace(/\/+$/, "").replace("https://", "http://");
  return found.startsWith(`${SNOMED}/`) ? SNOMED : Object.hasOwn(same, found) ? same[found] : found;
};
const codes = (concept, tables) => list(isMap(concept) ? concept.coding : null)
  .filter((one) => isMap(one) && typeof one.system === "string" && typeof one.code === "string" && one.code && lengthOf(one.code) <= 80)
  .map((one) => [plain(one.system, tables), one.code]);
const said = (concept) => {
  if (!isMap(concept)) return "";
  const codings = list(concept.coding).filter(isMap);
  return [text(concept.text), ...codings.map((one) => text(one.display)), ...codings.map((one) => text(one.code))].find(Boolean) ?? "";
};
const given = (value) => Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value);
const altered = (resource) => given(resource.modifierExtension) || given(resource.implicitRules);

// Says whether a day is one on which something can have been given to somebody born then.
export function canBe(date, birthDate, now) {
  // systems write the year 1 for a date that they could not read
  return dayOf(date) >= "1900" && isPossible(dayOf(date), birthDate, now);
}

// Says whether the number of a dose lies before the first: a whole number, or its digits.
export const isNought = (told) => typeof told === "string" ? /^(?:0+|-\d+)$/.test(told) : Number.isInteger(told) && told < 1;

function isPossible(day, birthDate, now) {
  const [, year, month, third] = /^((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?(?:[T ][^]*)?$/.exec(birthDate || "") ?? [];
  const born = [year, month, month === "00" ? undefined : third].filter((part) => part && part !== "00").join("-");
  return day <= new Date((now + AHEAD) * 1000).toISOString().slice(0, 10) && day.slice(0, born.length) >= born;
}

const RELATIVE = /[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

// Gives what finds the one resource that a reference names: a relative one is of the same server.
function named(entries) {
  const found = new Map(), bases = new Map();
  entries.forEach((entry, place) => {
    if (!isMap(entry) || !isMap(entry.resource)) return;
    const url = typeof entry.fullUrl === "string" && entry.fullUrl, name = url || `resource:${place}`;
    const start = name.search(RELATIVE), base = start > 0 && name[start - 1] === "/" ? name.slice(0, start) : "";
    bases.set(entry.resource, base);
    const names = [name, name.slice(base.length), ...(url ? [] : [`${entry.resource.resourceType}/${entry.resource.id}`])];
    for (const one of new Set(names)) found.set(one, [...(found.get(one) ?? []), entry.resource]);
  });
  return (resource, element) => {
    const reference = resource[element];
    if (!isMap(reference) || typeof reference.reference !== "string") return undefined;
    const told = reference.reference.replace(/\/_history\/[^/]+$/, "");
    const all = found.get(told.search(RELATIVE) === 0 ? bases.get(resource) + told : told) ?? [];
    return all.length === 1 ? all[0] : undefined;
  };
}

const words = (concept, tables) => {
  for (const [system, code] of codes(concept, tables)) {
    if (system === SNOMED && tables.results.includes(code)) return code;
    if (system === LOINC && Object.hasOwn(tables.answers, code)) return tables.answers[code];
  }
  return said(concept);
};
const amount = (quantity) => !isMap(quantity) || typeof quantity.value !== "number" ? ""
  : `${text(quantity.comparator)}${quantity.value} ${text(quantity.unit) || text(quantity.code)}`.trim();
const meaning = (resource, tables) => {
  for (const concept of list(resource.interpretation)) {
    const known = codes(concept, tables).find(([system, code]) => system === tables.interpreted && Object.hasOwn(tables.interpretations, code));
    const found = known ? tables.interpretations[known[1]] : words(concept, tables);
    if (found) return found;
  }
  return "";
};
const one = (resource, tables) => {
  if (isMap(resource.valueCodeableConcept)) return words(resource.valueCodeableConcept, tables);
  if (isMap(resource.valueQuantity)) return amount(resource.valueQuantity);
  if (isMap(resource.valueRange)) {
    const limits = [amount(resource.valueRange.low), amount(resource.valueRange.high)];
    return limits.filter(Boolean).join(" – ");
  }
  if (isMap(resource.valueRatio)) {
    const parts = [amount(resource.valueRatio.numerator), amount(resource.valueRatio.denominator)];
    return parts.every(Boolean) ? parts.join(":") : "";
  }
  if (typeof resource.valueBoolean === "boolean") return resource.valueBoolean ? "yes" : "no";
  return Number.isInteger(resource.valueInteger) ? String(resource.valueInteger) : text(resource.valueString);
};
const panel = (resource, tables) => list(resource.component).slice(0, 20).filter(isMap)
  .map((part) => [said(part.code), one(part, tables) || meaning(part, tables)]).filter(([, told]) => told)
  .map(([name, told]) => name ? `${name}: ${told}` : told).join("; ").slice(0, 300);
const value = (resource, tables) => one(resource, tables) || panel(resource, tables) || meaning(resource, tables);

const isNot = (value) => [undefined, null, false].includes(value);
const vaccines = (one, tables) => codes(one.vaccineCode, tables).filter(([system]) => Object.hasOwn(tables.systems, system))
  .map(([system, code]) => [tables.systems[system], code])
  .filter(([name, code]) => name !== tables.unknown[0] || code !== tables.unknown[1]);
const dayGiven = (one) => dayOf(text(one.occurrenceDateTime).slice(0, 10) || text(one.occurrenceString));
const isNothing = (quantity) => isMap(quantity) && ["number", "boolean"].includes(typeof quantity.value) && quantity.value <= 0;
const doseNumber = ({ protocolApplied: told }) => Array.isArray(told) && told.length === 1 && isMap(told[0])
  ? "doseNumberPositiveInt" in told[0] ? told[0].doseNumberPositiveInt : told[0].doseNumberString : undefined;
const isDose = (one, tables) => one.status === "completed" && !altered(one)
  && [one.isSubpotent, one.notGiven, one.wasNotGiven].every(isNot) && !given(one.subpotentReason) && !given(one.statusReason)
  && !isNothing(one.doseQuantity)
  && !codes(one.reportOrigin, tables).some(([system, code]) => system === RECALL && code === "recall")
  && vaccines(one, tables).length > 0 && !vaccines(one, tables).some(([name, code]) => name === "cvx" && tables.noVaccines.includes(code))
  && dayGiven(one) !== "";
const isResult = (one, tables) => ["final", "amended", "corrected"].includes(one.status) && !altered(one) && value(one, tables) !== "" && !given(one.dataAbsentReason);

// Gives the name that a person has now: edge/domain/names/human_names.py.
const USES = ["official", "usual", "", "temp", "maiden", "anonymous", "nickname", "old"];
function nameInUse(names) {
  const told = list(names).filter((name) => isMap(name) && ["text", "family", "given"].some((part) => given(name[part])));
  const place = (name) => USES.indexOf(USES.includes(name.use) ? name.use : "");
  return told.reduce((best, name) => best && place(best) <= place(name) ? best : name, undefined) ?? {};
}

// Says whether a Patient is not to be used: closed, replaced by another, or altered.
const noRecord = (person) => altered(person) || ![undefined, null, true].includes(person.active)
  || list(person.link).some((link) => isMap(link) && link.type === "replaced-by");

// Says whether a bundle says what is: of FHIR R4, and not of what a server was asked to do.
export const isRead = (edition, kind) => (edition === undefined || edition === null || (typeof edition === "string" && edition.startsWith("4.")))
  && [undefined, null, "collection", "document", "searchset"].includes(kind);

// Gives {group, counting, claims}: counting is "all", "some" or "nothing" of what the card tells of.
export function readBundle(bundle, now, tables) {
  const resources = bundle.entry.filter((entry) => isMap(entry) && isMap(entry.resource)).map((entry) => entry.resource);
  const of = (kind) => resources.filter((one) => one.resourceType === kind);
  const find = named(bundle.entry), [patient] = of("Patient"), shots = of("Immunization"), tests = of("Observation");
  const usable = patient !== undefined && !given(bundle.implicitRules) && !noRecord(patient);
  const hers = (resource, element) => usable && find(resource, element) === patient;
  const name = nameInUse(patient?.name);
  const who = {
    name: [...list(name.given), name.family].filter((part) => typeof part === "string" && part).join(" ") || text(name.text),
    birthDate: text(patient?.birthDate),
  };
  const tested = (one) => text(isMap(one.effectivePeriod) ? one.effectivePeriod.start : "effectiveDateTime" in one ? one.effectiveDateTime : one.effectiveInstant).slice(0, 10);
  const told = shots.filter((one) => hers(one, "patient") && isDose(one, tables));
  const doses = told.filter((one) => !isNought(doseNumber(one)) && canBe(dayGiven(one), who.birthDate, now));
  const found = tests.filter((one) => hers(one, "subject") && isResult(one, tables));
  const results = found.filter((one) => !dayOf(tested(one)) || isPossible(dayOf(tested(one)), who.birthDate, now));
  const latest = (all, day) => all.reduce((best, one) => best && day(best) > day(one) ? best : one, undefined);
  const dose = latest(doses, dayGiven);
  const result = latest(results, tested);
  const aside = shots.length + tests.length - doses.length - results.length;
  const seen = result && value(result, tables), interpretation = result && meaning(result, tables);
  return {
    group: found.length && !told.length ? "t" : "v",
    counting: !aside ? "all" : doses.length || results.length ? "some" : "nothing",
    claims: dose ? {
      ...who, vaccine: vaccines(dose, tables)[0][1], date: dayGiven(dose), lot: text(dose.lotNumber),
    } : result ? {
      ...who, test: said(result.code), result: seen,
      interpretation: interpretation !== seen ? interpretation : "", date: tested(result),
    } : who,
  };
}
