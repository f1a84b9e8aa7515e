// Twin of src/lastwords/case/spoken.py: entries in one sentence each, as the timeline shows them.
import type { Entry, Kind, Place, Treatment } from "./entries.js";
import { shown, spokenLength } from "./moment.js";
import { CONSCIOUSNESS, type Measured, type Observation, shownWithUnit } from "./observation.js";

export const KIND_SPOKEN: Readonly<Record<Kind, string>> = {
  harm: "What happened",
  contact_attempt: "Attempt to reach",
  sighting: "Seen",
  observation: "Observation",
  treatment: "Treatment",
  place: "Place",
  document: "Document",
  decision: "Decision",
  note: "Note",
  question: "Question",
  task: "Task",
  task_taken: "Task taken",
  task_reported: "Task reported",
  on_watch: "Watch",
  withdrawal: "Correction",
};

/** What an entry says, with whom it is about when not the author of the case. `zone` is for times within it. */
export function sentence(entry: Entry, zone: string): string {
  const text = spoken(entry, zone);
  return entry.head.person === null ? text : `About ${entry.head.person}: ${text}`;
}

function spoken(entry: Entry, zone: string): string {
  switch (entry.kind) {
    case "harm":
      return `${entry.what.mechanism}; ${entry.what.suspected ? "suspected: " : ""}${entry.what.finding}`;
    case "contact_attempt": {
      const { channel, label, result, text } = entry.what;
      return joined(`${channel}${label === null ? "" : ` (${label})`}: ${result}`, text);
    }
    case "sighting": {
      const { place, company, state } = entry.what;
      return joined(place, company === null ? null : `with ${company}`, state);
    }
    case "observation":
      return joined(...observed(entry.what), entry.what.text);
    case "treatment":
      return treated(entry.what);
    case "place":
      return spokenPlace(entry.what, zone);
    case "document":
      return `${entry.what.name}, lies at: ${entry.what.lies_at}`;
    case "decision":
      return `${entry.what.what}. Because: ${entry.what.evidence}. Decided by ${entry.what.decided_by}`;
    case "note":
    case "question":
      return entry.what.text;
    case "task":
      return entry.what.what + (entry.what.for_whom === null ? "" : ` (for ${entry.what.for_whom})`);
    case "task_taken":
      return joined(`takes task ${entry.what.task}`, entry.what.text);
    case "task_reported":
      return `task ${entry.what.task} ${entry.what.done}: ${entry.what.text}`;
    case "on_watch":
      return `${entry.what.who} ${entry.what.begins ? "begins" : "ends"} the watch`;
    case "withdrawal":
      return "strikes it out" + (entry.what.stands ? `; entry ${entry.what.stands} says it right` : "");
  }
}

export const SIGNS = [
  "breathing",
  "saturation",
  "pressure",
  "pulse",
  "temperature",
  "pain",
  "pupils",
  "skin",
] as const;
export type Sign = (typeof SIGNS)[number];

export const SIGN_NAMES: Readonly<Record<Sign, string>> = {
  breathing: "breathing",
  saturation: "SpO2",
  pressure: "blood pressure",
  pulse: "pulse",
  temperature: "temperature",
  pain: "pain",
  pupils: "pupils",
  skin: "skin",
};

/** Which fields of an observation make up a sign; the first one that is there carries it. */
export const SIGN_FIELDS: Readonly<Record<Sign, readonly string[]>> = {
  breathing: ["breaths_per_minute", "breathing_quality"],
  saturation: ["spo2_percent", "oxygen"],
  pressure: ["systolic_mmhg", "diastolic_mmhg"],
  pulse: ["pulse_per_minute", "pulse_quality"],
  temperature: ["temperature_tenths"],
  pain: ["pain"],
  pupils: ["pupils"],
  skin: ["skin"],
};

/** Everything an observation says, sign by sign, in the order airway people expect. */
export function observed(seen: Observation): string[] {
  const level = seen.consciousness;
  const signs = SIGNS.flatMap((name) => {
    const text = sign(seen, name);
    return text ? [`${SIGN_NAMES[name]} ${text}`] : [];
  });
  return [...(level ? [`${CONSCIOUSNESS[level]} (${level})`] : []), ...signs];
}

/** One sign of an observation with its unit and quality, or nothing when nothing is said of it. */
export function sign(seen: Observation, name: Sign): string | null {
  switch (name) {
    case "pupils":
    case "skin":
      return seen[name];
    case "pressure":
      return pressure(seen);
    case "saturation":
      return saturation(seen);
    case "breathing":
      return joined(number(seen, "breaths_per_minute"), seen.breathing_quality) || null;
    case "pulse":
      return joined(number(seen, "pulse_per_minute"), seen.pulse_quality) || null;
    case "temperature":
      return number(seen, "temperature_tenths");
    case "pain":
      return number(seen, "pain");
  }
}

/** A measured value with its unit, and the mark of one that is only as reported. */
export function number(seen: Observation, field: Measured): string | null {
  const value = seen[field];
  if (value === null) return null;
  return shownWithUnit(field, value) + (seen.as_reported.includes(field) ? " (as reported)" : "");
}

function pressure(seen: Observation): string | null {
  const { systolic_mmhg: upper, diastolic_mmhg: lower, as_reported: marks } = seen;
  if (upper === null && lower === null) return null;
  const marked = marks.includes("systolic_mmhg") || marks.includes("diastolic_mmhg");
  return `${upper ?? "?"}/${lower ?? "?"} mmHg${marked ? " (as reported)" : ""}`;
}

function saturation(seen: Observation): string | null {
  const how = seen.oxygen_how === null ? "" : ` (${seen.oxygen_how})`;
  const air = seen.oxygen === null ? null : `${seen.oxygen ? "on oxygen" : "on air"}${how}`;
  const value = number(seen, "spo2_percent");
  if (value === null) return air === null ? null : `not measured, ${air}`;
  return air === null ? value : `${value} ${air}`;
}

/** `adrenaline 1.5 mg, into a muscle, given by Pakkun; effect: pulse rises`. */
export function treated(what: Treatment): string {
  const text = joined(
    substance(what),
    what.route,
    what.given_by === null ? null : `given by ${what.given_by}`,
  );
  return what.effect === null ? text : `${text}; effect: ${what.effect}`;
}

/** `adrenaline 1.5 mg`. */
export function substance({ what, amount, unit }: Treatment): string {
  return amount === null ? what : `${what} ${amount} ${unit}`;
}

const STANDING = {
  here: "now at",
  "on the way": "on the way to",
  "place of help": "place of help:",
} as const;

function spokenPlace(what: Place, zone: string): string {
  const verb = what.standing === "here" ? "arrived" : "arrives";
  const arrival = what.arrival && `${verb} ${shown(what.arrival, zone)}`;
  const away = what.minutes_away ? `${spokenLength(what.minutes_away * 60)} away` : null;
  return joined(`${STANDING[what.standing]} ${what.name}`, away, arrival, what.text);
}

function joined(...parts: readonly (string | null)[]): string {
  return parts.filter(Boolean).join(", ");
}
