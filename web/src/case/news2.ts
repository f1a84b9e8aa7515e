// Twin of src/lastwords/case/news2.py: NEWS2, the National Early Warning Score, computed only when it may be.
// Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1, unaltered.
import {
  CONSCIOUSNESS,
  measured,
  type Measured,
  type Observation,
  rangeOf,
  shownWithUnit,
} from "./observation.js";

export const CREDIT =
  "NEWS2 is the work of the Royal College of Physicians: National Early Warning Score (NEWS) 2, " +
  "updated report of a working party, London 2017. Its scoring chart is used unaltered.";
export const ADVICE =
  "The score advises nothing here. Whoever is worried calls the emergency services, whatever it says.";
export const THRESHOLDS =
  "The College's own thresholds: 3 in one part, or 5 in all: urgent; 7 in all: emergency.";

export const YOUNGEST = 16; // years; the College: not for children under 16, nor in pregnancy

/** What must be known of a person before a score may be computed; null: nobody has said. */
export interface Person {
  readonly ageYears: number | null;
  readonly pregnant: boolean | null;
}

/** One of the seven parts: its name, the value as shown, its points from 0 to 3. */
export interface Part {
  readonly name: string;
  readonly shown: string;
  readonly points: number;
}

/** A whole score: the sum of seven parts, and which SpO2 scale was used (1, or 2 on the word of `scale2By`). */
export interface Score {
  readonly total: number;
  readonly parts: readonly Part[];
  readonly scale: 1 | 2;
  readonly scale2By: string | null;
}

/** Why there is no score, as half sentences: `the temperature is missing`. */
export interface NoScore {
  readonly reasons: readonly string[];
}

type Table = readonly (readonly [least: number, points: number])[];

// Each table: from this value upwards, so many points. The first row has no lower end.
const BREATHING: Table = [[0, 3], [9, 1], [12, 0], [21, 2], [25, 3]]; // prettier-ignore
const SPO2_SCALE_1: Table = [[0, 3], [92, 2], [94, 1], [96, 0]]; // prettier-ignore
const SPO2_SCALE_2_AIR: Table = [[0, 3], [84, 2], [86, 1], [88, 0]]; // prettier-ignore
const SPO2_SCALE_2_OXYGEN: Table = [[0, 3], [84, 2], [86, 1], [88, 0], [93, 1], [95, 2], [97, 3]]; // prettier-ignore
const SYSTOLIC: Table = [[0, 3], [91, 2], [101, 1], [111, 0], [220, 3]]; // prettier-ignore
const PULSE: Table = [[0, 3], [41, 1], [51, 0], [91, 1], [111, 2], [131, 3]]; // prettier-ignore
const TEMPERATURE_TENTHS: Table = [[0, 3], [351, 1], [361, 0], [381, 1], [391, 2]]; // prettier-ignore

const SEVEN = {
  breaths_per_minute: "the breathing rate",
  spo2_percent: "the oxygen saturation",
  oxygen: "whether oxygen was given",
  systolic_mmhg: "the systolic blood pressure",
  pulse_per_minute: "the pulse",
  consciousness: "the level of consciousness",
  temperature_tenths: "the temperature",
} as const;

/** Whether there is a score. */
export function isScore(found: Score | NoScore): found is Score {
  return "total" in found;
}

/** The score of one observation. Values of different moments are never mixed, and none is ever assumed. */
export function news2(seen: Observation, person: Person): Score | NoScore {
  const reasons = [...missing(seen), ...notFor(person)];
  if (reasons.length > 0) return { reasons };
  const scale = seen.scale_2_by === null ? 1 : 2;
  const onOxygen = seen.oxygen === true;
  const saturation = scale === 1 ? SPO2_SCALE_1 : onOxygen ? SPO2_SCALE_2_OXYGEN : SPO2_SCALE_2_AIR;
  const level = seen.consciousness;
  const parts = [
    partOf(seen, "breaths_per_minute", BREATHING),
    partOf(seen, "spo2_percent", saturation),
    { name: "air or oxygen", shown: onOxygen ? "oxygen" : "air", points: onOxygen ? 2 : 0 },
    partOf(seen, "systolic_mmhg", SYSTOLIC),
    partOf(seen, "pulse_per_minute", PULSE),
    { name: "consciousness", shown: level ? CONSCIOUSNESS[level] : "", points: level === "A" ? 0 : 3 },
    partOf(seen, "temperature_tenths", TEMPERATURE_TENTHS),
  ];
  const total = parts.reduce((sum, part) => sum + part.points, 0);
  return { total, parts, scale, scale2By: seen.scale_2_by };
}

function missing(seen: Observation): string[] {
  return (Object.keys(SEVEN) as (keyof typeof SEVEN)[]).flatMap((field) => {
    if (seen[field] === null) return [`${SEVEN[field]} is missing`];
    return seen.as_reported.includes(field) ? [`${SEVEN[field]} is only as reported`] : [];
  });
}

function notFor({ ageYears, pregnant }: Person): string[] {
  const reasons: string[] = [];
  if (ageYears === null) reasons.push("the age is not known");
  else if (ageYears < YOUNGEST) reasons.push(`the score is not for people under ${YOUNGEST}`);
  if (pregnant === null) reasons.push("nobody has said that there is no pregnancy");
  else if (pregnant) reasons.push("the score is not for pregnancy");
  return reasons;
}

function partOf(seen: Observation, field: Measured, table: Table): Part {
  const value = measured(seen, field) ?? 0; // `missing` has looked
  const points = table.findLast(([least]) => value >= least)?.[1] ?? 3;
  return { name: rangeOf(field)?.name ?? field, shown: shownWithUnit(field, value), points };
}
