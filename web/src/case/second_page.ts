// Twin of src/lastwords/case/second_page.py: the timeline, and the trend with its twin table.
import { type Drawn, type Event, known, type Mark, type Names, type Series, type Trend } from "./handover.js";
import { shownShort } from "./moment.js";
import type { Person } from "./news2.js";
import { shownWithUnit } from "./observation.js";
import { KIND_SPOKEN, sentence, substance } from "./spoken.js";
import { type Logged, type Now, type Point, trendOf } from "./state.js";

export function byTime(rows: readonly Logged[]): Logged[] {
  const when = (row: Logged): number => row.entry?.head.when.at ?? row.at;
  return rows.toSorted((one, other) => when(one) - when(other) || one.number - other.number);
}

export function event(row: Logged, now: Now, zone: string, names: Names): Event {
  const { entry, number } = row;
  if (entry === null) {
    return {
      number,
      when: shownShort({ at: row.at, zone, about: false }, zone),
      kind: "Unreadable",
      text: "this entry cannot be read, see page 3",
      known: names.get(row.by) ?? row.by,
      struck: null,
    };
  }
  const { corrects, why, answers, when } = entry.head;
  let text = sentence(entry, zone);
  if (corrects !== null) text = `Corrects ${corrects}: ${text}. Why: ${why}`;
  if (answers !== null) text = `On entry ${answers}: ${text}`;
  const by = now.struck.get(number);
  return {
    number,
    when: shownShort(when, zone),
    kind: KIND_SPOKEN[entry.kind],
    text,
    known: known(entry, row.passedOnBy, names),
    struck: by === undefined ? null : `corrected by entry ${by}`,
  };
}

// The strips of the trend from top to bottom. Both blood pressures share one.
const NAMES = {
  consciousness: "consciousness",
  breaths_per_minute: "breathing",
  spo2_percent: "SpO2",
  systolic_mmhg: "blood pressure",
  pulse_per_minute: "pulse",
  temperature_tenths: "temperature",
  pain: "pain",
  news2: "NEWS2",
} as const;

/** More than these cannot be told apart on a page. The timeline has them all. */
export const MOST_LOOKS = 40;

/** Every measured value over time, the treatments on the same axis, and a table that says the same. */
export function trend(whole: Now, person: Person, zone: string): Trend {
  const looks = whole.observations.slice(-MOST_LOOKS);
  const leftOut = whole.observations.length - looks.length;
  const now = { ...whole, observations: looks };
  const points = trendOf(now, person);
  const series = Object.entries(NAMES)
    .map(([field, name]): Series => ({ field, name, points: drawn(field, points, now) }))
    .filter((one) => one.points.length > 0);
  const marks = now.treatments.flatMap((fact, number): Mark[] => {
    if (leftOut > 0 && fact.at < (looks[0]?.fact.at ?? 0)) return [];
    const when = shownShort(fact.entry.head.when, zone);
    return [{ at: fact.at, letter: letterOf(number), text: substance(fact.entry.what), when }];
  });
  const rows = looks.flatMap(({ fact }) => {
    const cells = series.map((each) => each.points.find((one) => one.number === fact.number)?.shown ?? "");
    if (!cells.some(Boolean)) return [];
    return [[shownShort(fact.entry.head.when, zone), ...cells, String(fact.number)]];
  });
  return {
    zone,
    series,
    marks,
    head: ["When", ...series.map(({ name }) => name.charAt(0).toUpperCase() + name.slice(1)), "Entry"],
    rows,
    note:
      leftOut > 0
        ? `These are the newest ${looks.length} of ${looks.length + leftOut} observations; the timeline has them all.`
        : "",
  };
}

function drawn(field: string, points: ReadonlyMap<string, readonly Point[]>, now: Now): Drawn[] {
  if (field === "consciousness") {
    return now.observations.flatMap(({ fact, what }) =>
      what.consciousness === null
        ? []
        : [{ at: fact.at, low: 0, high: 0, shown: what.consciousness, number: fact.number }],
    );
  }
  const found = points.get(field) ?? [];
  if (field !== "systolic_mmhg") {
    return found.map(({ at, value, number }) => {
      return { at, low: value, high: value, shown: shownWithUnit(field, value), number };
    });
  }
  const lower = new Map((points.get("diastolic_mmhg") ?? []).map((one) => [one.number, one.value]));
  return found.map(({ at, value, number }) => ({
    at,
    low: lower.get(number) ?? value,
    high: value,
    shown: `${value}/${lower.get(number) ?? "?"} mmHg`,
    number,
  }));
}

/** a, b, … z, aa, ab …: letters, so that a treatment is never read as an entry's number. */
function letterOf(number: number): string {
  let letters = "";
  for (let left = number + 1; left > 0; left = Math.floor((left - 1) / 26)) {
    letters = String.fromCharCode(97 + ((left - 1) % 26)) + letters;
  }
  return letters;
}
