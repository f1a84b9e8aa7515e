// Twin of src/lastwords/case/handover.py: what a handover report is made from, and what it is made of.
import { type Entry, spokenSource } from "./entries.js";
import { ageInYears, type Moment } from "./moment.js";
import type { Person } from "./news2.js";
import type { MedicalSheet } from "./sheets.js";
import { fold, type Logged, type Now } from "./state.js";

/** Kinds that a clinician needs whoever they are sealed to; of the rest, what only keepers may read stays with them. */
export const CLINICAL: readonly string[] = ["harm", "observation", "treatment", "place", "withdrawal"];

export const NOT_STATED = "not stated";

/** A person of the case: handle, name, what they are in it, and how to reach them if they agreed to be named. */
export interface Involved {
  readonly handle: string;
  readonly name: string;
  readonly part: string;
  readonly reach: string | null;
}

/** Where the author's log stood: the number of its last row, and that row's link as 64 hexadecimal digits. */
export interface LogHead {
  readonly row: number;
  readonly link: string;
}

/** Everything a report is composed from. `made` is the moment of handing over; its zone is that of all times. */
export interface Handover {
  readonly case: number;
  readonly author: string;
  readonly handle: string;
  readonly made: Moment;
  readonly madeBy: string;
  readonly opened: Moment;
  readonly host: string;
  readonly rows: readonly Logged[];
  readonly people: readonly Involved[];
  readonly sheet: MedicalSheet | null;
  readonly log: LogHead | null;
  readonly withKeepersOnly: boolean;
}

/** A sentence and the numbers of the entries it rests on. */
export interface Remark {
  readonly text: string;
  readonly entries: readonly number[];
}

/** A labelled line of the first page; `letter` is its ATMIST letter or empty. */
export interface Line {
  readonly label: string;
  readonly said: readonly Remark[];
  readonly letter: string;
}

/** One sign of the current state: its value, when it was seen, how long ago, how it is known, the entry. */
export interface StateRow {
  readonly sign: string;
  readonly value: string;
  readonly when: string;
  readonly ago: string;
  readonly known: string;
  readonly number: number;
}

/** NEWS2 on the first page: a sentence, its parts (name, value, points), and the sentences that go with it. */
export interface ScoreBlock {
  readonly sentence: string;
  readonly parts: readonly (readonly [name: string, shown: string, points: number])[];
  readonly notes: readonly string[];
}

/** A row of the timeline. `struck` says by which entry it was corrected. */
export interface Event {
  readonly number: number;
  readonly when: string;
  readonly kind: string;
  readonly text: string;
  readonly known: string;
  readonly struck: string | null;
}

/** A point of the trend. `low` and `high` differ for the two blood pressures alone. */
export interface Drawn {
  readonly at: number;
  readonly low: number;
  readonly high: number;
  readonly shown: string;
  readonly number: number;
}

/** One sign over time: its field, how it is called, and its points in order of time. */
export interface Series {
  readonly field: string;
  readonly name: string;
  readonly points: readonly Drawn[];
}

/** A treatment on the trend's time axis: when, its letter, and what was given. */
export interface Mark {
  readonly at: number;
  readonly letter: string;
  readonly text: string;
  readonly when: string;
}

/** The plot and its twin: the series that have points, the treatments, and a table of (when, value by value). */
export interface Trend {
  readonly zone: string;
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note: string;
}

/** A whole report, laid out by nobody yet. */
export interface Report {
  readonly title: string;
  readonly about: string;
  readonly preface: readonly string[];
  readonly atmist: readonly Line[];
  readonly state: readonly StateRow[];
  readonly not_measured: string;
  readonly score: ScoreBlock;
  readonly ahead: readonly Line[];
  readonly events: readonly Event[];
  readonly trend: Trend;
  readonly questions: readonly Remark[];
  readonly people: readonly (readonly [name: string, part: string, reach: string])[];
  readonly verify: readonly string[];
}

/** People's names by their handles. */
export type Names = ReadonlyMap<string, string>;

export function remark(text: string, ...entries: readonly number[]): Remark {
  return { text, entries };
}

/** A remark as it is read: its sentence, and its entries in brackets. */
export function remarked({ text, entries }: Remark): string {
  return entries.length > 0 ? `${text} [${entries.join(", ")}]` : text;
}

/** What the medical sheet says of age and pregnancy at the moment of handing over. */
export function personOf({ sheet, made }: Handover): Person {
  if (sheet === null) return { ageYears: null, pregnant: null };
  const ageYears = sheet.born === null ? null : ageInYears(sheet.born, made.at, made.zone);
  return { ageYears, pregnant: sheet.pregnant };
}

/** Whether a row is part of the report: readable, or at least sealed to its maker, and not for keepers alone. */
export function goesIn(given: Handover, row: Logged): boolean {
  if (row.entry === null) return row.trouble !== null;
  return given.withKeepersOnly || !row.keepersOnly || CLINICAL.includes(row.entry.kind);
}

/** The state that the report tells. All corrections count; what is for keepers alone only where it is clinical. */
export function stateOf(given: Handover): Now {
  return fold(given.rows, given.made.at, (row) => goesIn(given, row));
}

/** How an entry is known: its writer, from whom or what they have it, by what device, and who passed it on. */
export function known(entry: Entry, passedOnBy: string | null, names: Names): string {
  const device = entry.kind === "observation" ? entry.what.device : null;
  return [
    names.get(entry.head.by) ?? entry.head.by,
    ...(entry.head.source.of === null ? [] : [spokenSource(entry.head.source)]),
    ...(device === null ? [] : [`by ${device}`]),
    ...(passedOnBy === null ? [] : [`passed on by ${names.get(passedOnBy) ?? passedOnBy}`]),
  ].join(", ");
}
