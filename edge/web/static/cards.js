// What a FHIR bundle of a SMART Health Card says of one person: the rules of edge/credentials/fhir.py
// and edge/domain/counting.py, which say where each comes from.

const AHEAD = 14 * 3600;  // no place on earth has a later day than UTC+14
const SYSTEMS = [
  "http://hl7.org/fhir/sid/cvx", "urn:oid:2.16.840.1.113883.12.292", "http://id.who.int/icd/release/11/mms",
  "http://id.who.int/icd11/mms", "http://snomed.info/sct", "http://www.whocc.no/atc",
  "http://ec.europa.eu/health/documents/community-register/html", "http://ec.europa.eu/temp/vaccineproductname",
  "http://smart.who.int/pcmt-vaxprequal/codesystem/prequalproductids",
];
// Other names of systems, by HL7's registry.
const SAME = {
  "urn:oid:2.16.840.1.113883.6.96": "http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
  "urn:oid:2.16.840.1.113883.6.73": "http://www.whocc.no/atc",
  "urn:oid:2.16.840.1.113883.5.83": "http://terminology.hl7.org/codesystem/v3-observationinterpretation",
  "http://hl7.org/fhir/v3/observationinterpretation": "http://terminology.hl7.org/codesystem/v3-observationinterpretation",
};
const CVX = SYSTEMS.slice(0, 2), UNKNOWN = "999";
// CVX codes of something else than a vaccine: none administered, and the tuberculin skin tests.
const NO_VACCINES = ["998", "95", "96", "97", "98"];
const RECALL = "http://terminology.hl7.org/codesystem/immunization-origin";
// What a laboratory found, in SNOMED CT; the page has the words. LOINC's answers mean the same.
const RESULTS = ["260373001", "260415000", "10828004", "260385009", "419984006", "82334004"];
const ANSWERS = {
  "LA11882-0": "260373001", "LA11883-8": "260415000", "LA6576-8": "10828004",
  "LA6577-6": "260385009", "LA9663-1": "419984006", "LA11884-6": "82334004",
};
const INTERPRETED = SAME["urn:oid:2.16.840.1.113883.5.83"];
// HL7's codes for what a laboratory says of a value; the page has the words of the rest.
const INTERPRETATIONS = {
  POS: "10828004", NEG: "260385009", DET: "260373001", ND: "260415000", IND: "82334004", E: "419984006",
  ...Object.fromEntries(["RR", "WR", "NR", "N", "A", "AA", "H", "HH", "L", "LL"].map((code) => [code, code.toLowerCase()])),
};

const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const text = (value) => typeof value === "string" ? value.slice(0, 300) : "";
const list = (value) => Array.isArray(value) ? value : [];
const plain = (system) => {
  const found = system.trim().toLowerCase().replace(/\/+$/, "").replace("https://", "http://");
  return found.startsWith("http://snomed.info/sct/") ? "http://snomed.info/sct" : Object.hasOwn(SAME, found) ? SAME[found] : found;
};
const codes = (concept) => list(isMap(concept) ? concept.coding : null)
  .filter((one) => isMap(one) && typeof one.system === "string" && typeof one.code === "string" && one.code && one.code.length <= 80)
  .map((one) => [plain(one.system), one.code]);
const said = (concept) => {
  if (!isMap(concept)) return "";
  const codings = list(concept.coding).filter(isMap);
  return [text(concept.text), ...codings.map((one) => text(one.display)), ...codings.map((one) => text(one.code))].find(Boolean) ?? "";
};
const given = (value) => Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value);
const altered = (resource) => given(resource.modifierExtension) || given(resource.implicitRules);

export function dayOf(value) {
  const found = typeof value === "string" && /^(\d{4}-\d\d-\d\d)(?:[T ][^]*)?$/.exec(value);
  if (!found) return "";
  const [year, month, day] = found[1].split("-").map(Number);
  const last = new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();
  return year && month >= 1 && month <= 12 && day >= 1 && day <= last ? found[1] : "";
}

// Says whether a day is one on which something can have been given to somebody born then.
export function canBe(date, birthDate, now) {
  const day = dayOf(date);
  const [, year, month, third] = /^((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?(?:[T ][^]*)?$/.exec(birthDate ?? "") ?? [];
  const born = [year, month, month === "00" ? undefined : third].filter((part) => part && part !== "00").join("-");
  // systems write the year 1 for a date that they could not read
  return day >= "1900" && day <= new Date((now + AHEAD) * 1000).toISOString().slice(0, 10) && day.slice(0, born.length) >= born;
}

// What a yellow card says of these counts from the tenth day: the same as in config/credentials/icvp-*.yaml.
export const DELAYED = /^(?:YellowFever.*|1D47.*|XM0N24|XM3418|16541001|836385002|871717007|J07BL01)$/;
const DELAY = 10;

// Gives the first and the last day on which an event of a health certificate counts, "" without limit;
// nothing where one is written that is no day.
export function daysOf(event, yellow) {
  const stated = [event.df ?? event.vls, event.du ?? event.vle];
  if (stated.some((one) => one !== undefined && one !== null && one !== "" && !dayOf(one))) return null;
  let [first, last] = stated.map(dayOf);
  const given = dayOf(event.dt ?? event.dv);
  if (yellow && given && [event.vp, event.tg].some((one) => DELAYED.test(one ?? ""))) {
    const protects = new Date(Date.parse(given) + DELAY * 86400000).toISOString().slice(0, 10);
    if (protects > first) first = protects;
  }
  return { first, last };
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

const words = (concept) => {
  for (const [system, code] of codes(concept)) {
    if (system === "http://snomed.info/sct" && RESULTS.includes(code)) return code;
    if (system === "http://loinc.org" && Object.hasOwn(ANSWERS, code)) return ANSWERS[code];
  }
  return said(concept);
};
const amount = (quantity) => !isMap(quantity) || typeof quantity.value !== "number" ? ""
  : `${text(quantity.comparator)}${quantity.value} ${text(quantity.unit) || text(quantity.code)}`.trim();
const meaning = (resource) => {
  for (const concept of list(resource.interpretation)) {
    const known = codes(concept).find(([system, code]) => system === INTERPRETED && Object.hasOwn(INTERPRETATIONS, code));
    const found = known ? INTERPRETATIONS[known[1]] : words(concept);
    if (found) return found;
  }
  return "";
};
const one = (resource) => {
  if (isMap(resource.valueCodeableConcept)) return words(resource.valueCodeableConcept);
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
const panel = (resource) => list(resource.component).slice(0, 20).filter(isMap)
  .map((part) => [said(part.code), one(part) || meaning(part)]).filter(([, told]) => told)
  .map(([name, told]) => name ? `${name}: ${told}` : told).join("; ").slice(0, 300);
const value = (resource) => one(resource) || panel(resource) || meaning(resource);

const isNot = (value) => [undefined, null, false].includes(value);
const vaccines = (one) => codes(one.vaccineCode).filter(([system, code]) => SYSTEMS.includes(system) && !(CVX.includes(system) && code === UNKNOWN));
const isDose = (one) => one.status === "completed" && !altered(one)
  && [one.isSubpotent, one.notGiven, one.wasNotGiven].every(isNot) && !given(one.subpotentReason) && !given(one.statusReason)
  && !(isMap(one.doseQuantity) && typeof one.doseQuantity.value === "number" && one.doseQuantity.value <= 0)
  && !codes(one.reportOrigin).some(([system, code]) => system === RECALL && code === "recall")
  && vaccines(one).length > 0 && !vaccines(one).some(([system, code]) => CVX.includes(system) && NO_VACCINES.includes(code))
  && dayOf(one.occurrenceDateTime) !== "";
const isResult = (one) => ["final", "amended", "corrected"].includes(one.status) && !altered(one) && value(one) !== "" && !given(one.dataAbsentReason);

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
export function readBundle(bundle, now) {
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
  const tested = (one) => text(isMap(one.effectivePeriod) ? one.effectivePeriod.start : one.effectiveDateTime ?? one.effectiveInstant).slice(0, 10);
  const told = shots.filter((one) => hers(one, "patient") && isDose(one));
  const doses = told.filter((one) => canBe(one.occurrenceDateTime, who.birthDate, now));
  const found = tests.filter((one) => hers(one, "subject") && isResult(one));
  const results = found.filter((one) => !dayOf(tested(one)) || canBe(tested(one), who.birthDate, now));
  const latest = (all, day) => all.reduce((best, one) => best && day(best) > day(one) ? best : one, undefined);
  const dose = latest(doses, (one) => dayOf(one.occurrenceDateTime));
  const result = latest(results, tested);
  const aside = shots.length + tests.length - doses.length - results.length;
  const seen = result && value(result), interpretation = result && meaning(result);
  return {
    group: found.length && !told.length ? "t" : "v",
    counting: !aside ? "all" : doses.length || results.length ? "some" : "nothing",
    claims: dose ? {
      ...who, vaccine: vaccines(dose)[0][1], date: dayOf(dose.occurrenceDateTime), lot: text(dose.lotNumber),
    } : result ? {
      ...who, test: said(result.code), result: seen,
      interpretation: interpretation !== seen ? interpretation : "", date: tested(result),
    } : who,
  };
}
