// Twin of src/lastwords/case/first_page.py: ATMIST, the current state, the score, and what the author wrote ahead.
import {
  goesIn,
  type Handover,
  known,
  type Line,
  type Names,
  NOT_STATED,
  type Remark,
  remark,
  type ScoreBlock,
  type StateRow,
} from "./handover.js";
import { ago, shown, shownDay, shownShort, spokenLength } from "./moment.js";
import { ADVICE, CREDIT, isScore, type Person, THRESHOLDS } from "./news2.js";
import { CONSCIOUSNESS } from "./observation.js";
import { emptyMedicalSheet, type Listed } from "./sheets.js";
import { sign, type Sign, SIGN_FIELDS, SIGN_NAMES, SIGNS, substance } from "./spoken.js";
import { type Fact, type FactOf, type Now, scoreOf, type Seen, type Unconscious } from "./state.js";

export function atmist(given: Handover, now: Now, person: Person): Line[] {
  const { zone } = given.made;
  const of = <T>(facts: readonly T[], tell: (fact: T) => Remark): readonly Remark[] =>
    facts.length > 0 ? facts.map(tell) : [remark("not written down")];
  const itself = (one: Remark): Remark => one;
  return [
    { label: "Age", said: [remark(age(given, person))], letter: "A" },
    {
      label: "Time",
      said: of(now.harms, ({ entry: { head }, number }) =>
        remark(`${ago(head.when, now.at)} (${shown(head.when, zone)})`, number),
      ),
      letter: "T",
    },
    {
      label: "Mechanism",
      said: of(now.harms, ({ entry, number }) => remark(entry.what.mechanism, number)),
      letter: "M",
    },
    {
      label: "Injuries, illness",
      said: of(now.harms, ({ entry: { what }, number }) =>
        remark((what.suspected ? "suspected " : "") + what.finding, number),
      ),
      letter: "I",
    },
    { label: "Signs", said: of(signs(now), itself), letter: "S" },
    { label: "Treatment", said: of([...treatments(now), ...corrected(given, now)], itself), letter: "T" },
  ];
}

function age({ sheet }: Handover, person: Person): string {
  const years = person.ageYears === null ? `age ${NOT_STATED}` : `${person.ageYears} years`;
  return sheet === null || sheet.sex === "not stated" ? years : `${years}, ${sheet.sex}`;
}

/** Consciousness first, then what each observation contributed last, newest observation first. */
function signs(now: Now): Remark[] {
  const found = now.unconscious ? [unconscious(now.unconscious, now.at)] : [];
  for (const seen of now.observations.toReversed()) {
    const told = SIGNS.filter((name) => carrier(now, name) === seen).map(
      (name) => `${SIGN_NAMES[name]} ${sign(seen.what, name)}`,
    );
    const awake = now.latest.get("consciousness") === seen && now.unconscious?.over !== false;
    if (awake && seen.what.consciousness) told.unshift(CONSCIOUSNESS[seen.what.consciousness]);
    if (told.length > 0) {
      found.push(remark(`${ago(seen.fact.entry.head.when, now.at)}: ${told.join(", ")}`, seen.fact.number));
    }
  }
  return found;
}

function unconscious({ since, until, seconds, over }: Unconscious, now: number): Remark {
  const entries = [...new Set([since.fact.number, until.fact.number])];
  const length = seconds > 0 ? ` for at least ${spokenLength(seconds)}` : "";
  if (!over) return remark(`unconscious${length}`, ...entries);
  const last = ago(until.fact.entry.head.when, now);
  return remark(`was unconscious${length}, last seen so ${last}`, ...entries);
}

/** The newest observation that says anything of a sign. */
function carrier(now: Now, name: Sign): Seen | undefined {
  const found = SIGN_FIELDS[name].flatMap((field) => now.latest.get(field) ?? []);
  return found
    .sort((one, other) => one.fact.at - other.fact.at || one.fact.number - other.fact.number)
    .at(-1);
}

const TIMES: Readonly<Record<number, string>> = { 1: "once", 2: "twice" };
const ORDINAL: Readonly<Record<number, string>> = { 2: "second", 3: "third", 4: "fourth", 5: "fifth" };

/** The same substance, dose and route counts as one line: how often, and how long ago the last time was. */
function treatments(now: Now): Remark[] {
  const groups = new Map<string, FactOf<"treatment">[]>();
  for (const fact of now.treatments) {
    const { what } = fact.entry;
    const name = `${substance(what)}, ${what.route ?? "route not written down"}`;
    groups.set(name, [...(groups.get(name) ?? []), fact]);
  }
  return [...groups].map(([name, facts]) => {
    const count = facts.length;
    const when = facts.at(-1)?.entry.head.when;
    const last = when ? ago(when, now.at) : "";
    const which = count === 1 ? "" : `the ${ORDINAL[count] ?? "last"} `;
    return remark(
      `${name}, ${TIMES[count] ?? `${count} times`}, ${which}${last}`,
      ...facts.map((fact) => fact.number),
    );
  });
}

/** Corrected treatments stand on the first page too: whoever heard the first version must meet the second. */
function corrected(given: Handover, now: Now): Remark[] {
  const rows = new Map(given.rows.map((row) => [row.number, row]));
  return [...now.struck]
    .sort(([one], [other]) => one - other)
    .flatMap(([wrong, by]) => {
      const [row, correction] = [rows.get(wrong), rows.get(by)];
      if (row?.entry?.kind !== "treatment" || !correction?.entry || !goesIn(given, row)) return [];
      const why = goesIn(given, correction) ? correction.entry.head.why : "corrected; ask the keepers";
      return [remark(`not “${substance(row.entry.what)}”: ${why}`, wrong, by)];
    });
}

export function state(now: Now, zone: string, names: Names): StateRow[] {
  const rows: StateRow[] = [];
  const row = (label: string, value: string, fact: Fact): void => {
    const { when } = fact.entry.head;
    rows.push({
      sign: label,
      value,
      when: shownShort(when, zone),
      ago: ago(when, now.at),
      known: known(fact.entry, fact.passedOnBy, names),
      number: fact.number,
    });
  };
  const conscious = now.latest.get("consciousness");
  const level = conscious?.what.consciousness;
  if (conscious && level) row("Consciousness", `${CONSCIOUSNESS[level]} (${level})`, conscious.fact);
  for (const name of SIGNS) {
    const seen = carrier(now, name);
    if (seen) row(capital(SIGN_NAMES[name]), sign(seen.what, name) ?? "", seen.fact);
  }
  if (now.here) row("Where", where(now.here, zone), now.here);
  if (now.onTheWay && !(now.here && now.here.at >= now.onTheWay.at)) {
    row("On the way to", where(now.onTheWay, zone), now.onTheWay);
  }
  return rows;
}

function where({ entry }: FactOf<"sighting" | "place">, zone: string): string {
  if (entry.kind === "sighting") return entry.what.place;
  const { name, arrival, minutes_away: away } = entry.what;
  return name + (arrival && away ? `, arrives ${shown(arrival, zone)}` : "");
}

const WANTED = {
  consciousness: "consciousness",
  breaths_per_minute: "breathing rate",
  spo2_percent: "SpO2",
  systolic_mmhg: "blood pressure",
  pulse_per_minute: "pulse",
  temperature_tenths: "temperature",
  pupils: "pupils",
  pain: "pain",
} as const;

export function notMeasured(now: Now): string {
  const missing = Object.entries(WANTED).flatMap(([field, name]) => (now.latest.has(field) ? [] : [name]));
  return missing.length > 0
    ? `Never observed: ${missing.join(", ")}.`
    : "Every usual sign was observed at least once.";
}

export function score(now: Now, person: Person, zone: string): ScoreBlock {
  const found = scoreOf(now, person);
  if (!found) {
    return { sentence: "NEWS2: not computed, since nothing was observed.", parts: [], notes: [ADVICE] };
  }
  const [seen, scored] = found;
  if (!isScore(scored)) {
    const reasons = capital(scored.reasons.join("; "));
    return { sentence: `NEWS2: not computed. ${reasons}.`, parts: [], notes: [ADVICE] };
  }
  const when = shownShort(seen.fact.entry.head.when, zone);
  const scale = scored.scale === 2 ? ` SpO2 scale 2 on the word of ${scored.scale2By}.` : "";
  const newest =
    seen === now.observations.at(-1) ? "" : " Later observations were not complete enough for a score.";
  return {
    sentence: `NEWS2: ${scored.total} in all, from entry ${seen.fact.number} (${when}).${scale}${newest}`,
    parts: scored.parts.map((part) => [part.name, part.shown, part.points] as const),
    notes: [THRESHOLDS, ADVICE, CREDIT],
  };
}

/** What the author wrote down ahead. What is not stated is said to be so: nobody may read it as "none". */
export function ahead(given: Handover): Line[] {
  const sheet = given.sheet ?? emptyMedicalSheet(given.made);
  const line = (label: string, ...texts: readonly string[]): Line => ({
    label,
    said: texts.map((text) => remark(text)),
    letter: "",
  });
  const wishes = sheet.wishes.map((one) => `${one.what}: lies ${one.lies_at}`);
  return [
    line("Allergies", ...listed(sheet.allergies)),
    line("Medicines", ...listed(sheet.medicines)),
    line("Conditions", ...listed(sheet.conditions)),
    line("Devices", ...listed(sheet.devices)),
    line("Wishes documents", ...(wishes.length > 0 ? wishes : [NOT_STATED])),
    ...(sheet.languages.length > 0 ? [line("Languages", sheet.languages.join(", "))] : []),
    ...(sheet.doctor === null ? [] : [line("Doctor", sheet.doctor)]),
    ...(sheet.text === null ? [] : [line("Also", sheet.text)]),
    line(
      "Source",
      given.sheet
        ? `the author's own medical sheet, filled in ${shownDay(sheet.filled_in.at, given.made.zone)}`
        : "the author left no medical sheet",
    ),
  ];
}

function listed({ said, items }: Listed): readonly string[] {
  return said === "listed" ? items : [said];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
