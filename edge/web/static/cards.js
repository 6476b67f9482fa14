// What a FHIR bundle of a SMART Health Card says of one person: the rules of edge/credentials/fhir.py
// and edge/domain/counting.py, which say where each comes from.

const AHEAD = 14 * 3600;  // no place on earth has a later day than UTC+14
const SYSTEMS = [
  "http://hl7.org/fhir/sid/cvx", "urn:oid:2.16.840.1.113883.12.292", "http://id.who.int/icd/release/11/mms",
  "http://id.who.int/icd11/mms", "http://snomed.info/sct", "http://www.whocc.no/atc",
  "http://ec.europa.eu/health/documents/community-register/html", "http://ec.europa.eu/temp/vaccineproductname",
  "http://smart.who.int/pcmt-vaxprequal/codesystem/prequalproductids",
];
const RECALL = "http://terminology.hl7.org/codesystem/immunization-origin";
// What a laboratory found, in SNOMED CT; the page has the words.
const RESULTS = ["260373001", "260415000", "10828004", "260385009", "419984006", "82334004"];

const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const text = (value) => typeof value === "string" ? value.slice(0, 300) : "";
const list = (value) => Array.isArray(value) ? value : [];
const plain = (system) => {
  const found = system.trim().toLowerCase().replace(/\/+$/, "").replace("https://", "http://");
  return found.startsWith("http://snomed.info/sct/") ? "http://snomed.info/sct" : found;
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
  return day !== "" && day <= new Date((now + AHEAD) * 1000).toISOString().slice(0, 10) && day.slice(0, born.length) >= born;
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

function named(entries) {
  const found = new Map();
  entries.forEach((entry, place) => {
    if (!isMap(entry) || !isMap(entry.resource)) return;
    const name = typeof entry.fullUrl === "string" && entry.fullUrl ? entry.fullUrl : `resource:${place}`;
    for (const one of new Set([name, name.split("/").slice(-2).join("/")]))
      found.set(one, [...(found.get(one) ?? []), entry.resource]);
  });
  return (reference) => {
    const told = isMap(reference) && typeof reference.reference === "string" ? reference.reference : "";
    const all = found.get(told.replace(/\/_history\/[^/]+$/, "")) ?? [];
    return all.length === 1 ? all[0] : undefined;
  };
}

const value = (resource) => {
  if (isMap(resource.valueCodeableConcept)) {
    const known = codes(resource.valueCodeableConcept).find(([system, code]) => system === "http://snomed.info/sct" && RESULTS.includes(code));
    return known ? known[1] : said(resource.valueCodeableConcept);
  }
  const quantity = resource.valueQuantity;
  if (isMap(quantity)) {
    if (typeof quantity.value !== "number") return "";
    return `${text(quantity.comparator)}${quantity.value} ${text(quantity.unit) || text(quantity.code)}`.trim();
  }
  if (typeof resource.valueBoolean === "boolean") return resource.valueBoolean ? "yes" : "no";
  return Number.isInteger(resource.valueInteger) ? String(resource.valueInteger) : text(resource.valueString);
};

const isDose = (one) => one.status === "completed" && !altered(one)
  && [undefined, null, false].includes(one.isSubpotent)
  && !codes(one.reportOrigin).some(([system, code]) => system === RECALL && code === "recall")
  && codes(one.vaccineCode).some(([system]) => SYSTEMS.includes(system))
  && dayOf(one.occurrenceDateTime) !== "";
const isResult = (one) => ["final", "amended", "corrected"].includes(one.status) && !altered(one) && value(one) !== "";

// Gives {group, counting, claims}: counting is "all", "some" or "nothing" of what the card tells of.
export function readBundle(entries, now) {
  const resources = entries.filter((entry) => isMap(entry) && isMap(entry.resource)).map((entry) => entry.resource);
  const of = (kind) => resources.filter((one) => one.resourceType === kind);
  const find = named(entries), [patient] = of("Patient"), shots = of("Immunization"), tests = of("Observation");
  const hers = (reference) => patient !== undefined && find(reference) === patient;
  const name = isMap(list(patient?.name)[0]) ? patient.name[0] : {};
  const who = {
    name: [...list(name.given), name.family].filter((part) => typeof part === "string" && part).join(" ") || text(name.text),
    birthDate: text(patient?.birthDate),
  };
  const told = shots.filter((one) => hers(one.patient) && isDose(one));
  const doses = told.filter((one) => canBe(one.occurrenceDateTime, who.birthDate, now));
  const results = tests.filter((one) => hers(one.subject) && isResult(one));
  const latest = (all, day) => all.reduce((best, one) => best && day(best) > day(one) ? best : one, undefined);
  const dose = latest(doses, (one) => dayOf(one.occurrenceDateTime));
  const result = latest(results, (one) => text(one.effectiveDateTime));
  const aside = shots.length + tests.length - doses.length - results.length;
  return {
    group: results.length && !told.length ? "t" : "v",
    counting: !aside ? "all" : doses.length || results.length ? "some" : "nothing",
    claims: dose ? {
      ...who, vaccine: codes(dose.vaccineCode).find(([system]) => SYSTEMS.includes(system))[1],
      date: dayOf(dose.occurrenceDateTime), lot: text(dose.lotNumber),
    } : result ? { ...who, test: said(result.code), result: value(result), date: text(result.effectiveDateTime).slice(0, 10) } : who,
  };
}
