// Twin of src/lastwords/case/observation.py: what was measured or seen of the person at one moment.
import { listOf, oneOf, orNone, record, type RecordOf, text, whole, yesNo } from "./plain.js";
import { Implausible, unwritable } from "./refusals.js";

/** AVPU, with C for new confusion, as NEWS2 has it (ACVPU). */
export const CONSCIOUSNESS = {
  A: "alert",
  C: "newly confused",
  V: "responds to voice",
  P: "responds to pain only",
  U: "unresponsive",
} as const;
export type Consciousness = keyof typeof CONSCIOUSNESS;

/** The fields of an observation that are measured. */
export type Measured =
  | "breaths_per_minute"
  | "spo2_percent"
  | "systolic_mmhg"
  | "diastolic_mmhg"
  | "pulse_per_minute"
  | "temperature_tenths"
  | "pain";

/** A measured value: its field, how it is called, its unit, and the least and greatest plausible number. */
export interface Range {
  readonly field: Measured;
  readonly name: string;
  readonly unit: string;
  readonly least: number;
  readonly greatest: number;
}

export const RANGES: readonly Range[] = [
  { field: "breaths_per_minute", name: "breathing", unit: "/min", least: 0, greatest: 80 },
  { field: "spo2_percent", name: "oxygen saturation", unit: "%", least: 30, greatest: 100 },
  { field: "systolic_mmhg", name: "systolic blood pressure", unit: "mmHg", least: 30, greatest: 300 },
  { field: "diastolic_mmhg", name: "diastolic blood pressure", unit: "mmHg", least: 10, greatest: 200 },
  { field: "pulse_per_minute", name: "pulse", unit: "/min", least: 0, greatest: 300 },
  { field: "temperature_tenths", name: "temperature", unit: "°C", least: 200, greatest: 450 },
  { field: "pain", name: "pain", unit: "of 10", least: 0, greatest: 10 },
];

/** A number "as reported" may lie outside the plausible, yet it is still a number that somebody said. */
export const REPORTED_GREATEST = 9999;

/** The range of a field, nothing for one that is not measured. */
export function rangeOf(field: string): Range | undefined {
  return RANGES.find((one) => one.field === field);
}

/** The number with its unit; tenths of a degree become degrees with one decimal. */
export function shownWithUnit(field: string, value: number): string {
  const unit = rangeOf(field)?.unit;
  if (unit === undefined) return String(value);
  const number = field === "temperature_tenths" ? (value / 10).toFixed(1) : String(value);
  return unit === "%" || unit === "/min" ? `${number}${unit}` : `${number} ${unit}`;
}

/**
 * One look at the person. Every field may be missing; at least one must be there.
 *
 * `oxygen` says whether the person was breathing oxygen beyond air, `oxygen_how` by what. `as_reported` names the
 * values that the writer passes on though nobody would expect them: they stand in the log and enter no score.
 * `scale_2_by` names the clinician on whose word SpO2 scale 2 of NEWS2 applies.
 */
export type Observation = RecordOf<typeof Observation>;
export const Observation = record(
  {
    consciousness: orNone(oneOf(Object.keys(CONSCIOUSNESS) as Consciousness[])),
    breaths_per_minute: orNone(whole),
    spo2_percent: orNone(whole),
    oxygen: orNone(yesNo),
    oxygen_how: orNone(text),
    systolic_mmhg: orNone(whole),
    diastolic_mmhg: orNone(whole),
    pulse_per_minute: orNone(whole),
    temperature_tenths: orNone(whole),
    pain: orNone(whole),
    breathing_quality: orNone(text),
    pulse_quality: orNone(text),
    pupils: orNone(text),
    skin: orNone(text),
    text: orNone(text),
    device: orNone(text),
    scale_2_by: orNone(text),
    as_reported: listOf(text),
  },
  (seen) => {
    const { device, scale_2_by, as_reported, ...told } = seen;
    if (Object.values(told).every((value) => value === null)) {
      throw unwritable("This observation says nothing", "Write down at least one thing that was seen");
    }
    for (const field of seen.as_reported) {
      const range = rangeOf(field);
      if (range === undefined || seen[range.field] === null) {
        throw unwritable(
          `'${field}' is marked as reported but has no value`,
          "Give the value, or take the mark away",
        );
      }
    }
    for (const range of RANGES) checkRange(range, seen[range.field], seen.as_reported);
    checkPressures(seen.systolic_mmhg, seen.diastolic_mmhg, seen.as_reported);
    if (seen.oxygen_how !== null && seen.oxygen !== true) {
      throw unwritable(
        "This observation says how oxygen was given but not that it was",
        "Say that the person was on oxygen, or leave the way out",
      );
    }
    if (seen.scale_2_by !== null && seen.spo2_percent === null) {
      throw unwritable(
        "A clinician's word on scale 2 stands beside no saturation",
        "Give the saturation, or leave it out",
      );
    }
  },
);

/** One measured value by its field name, unless it is only as reported. */
export function measured(seen: Observation, field: Measured): number | null {
  return seen.as_reported.includes(field) ? null : seen[field];
}

function checkRange(range: Range, value: number | null, asReported: readonly string[]): void {
  if (value === null || (range.least <= value && value <= range.greatest)) return;
  const said = asReported.includes(range.field) && 0 <= value && value <= REPORTED_GREATEST;
  if (said && range.field !== "pain") return;
  const name = range.name.charAt(0).toUpperCase() + range.name.slice(1).toLowerCase();
  const [found, least, greatest] = [value, range.least, range.greatest].map((one) =>
    shownWithUnit(range.field, one),
  );
  throw new Implausible(
    `${name} of ${found} lies outside ${least} to ${greatest}. Nothing was written.`,
    range.field === "pain"
      ? "Pain is told as a number from 0, none, to 10, the worst."
      : "Look at the number again. If somebody told it to you so, mark it as reported.",
  );
}

function checkPressures(upper: number | null, lower: number | null, asReported: readonly string[]): void {
  if (asReported.includes("systolic_mmhg") || asReported.includes("diastolic_mmhg")) return;
  if (upper !== null && lower !== null && lower >= upper) {
    throw new Implausible(
      `A blood pressure of ${upper} over ${lower} mmHg has its numbers in the wrong order. ` +
        "Nothing was written.",
      "Look at both numbers again. If somebody told them to you so, mark them as reported.",
    );
  }
}
