// Twin of src/lastwords/case/state.py: how entries add up, what stands after all corrections, how the person is now.
import type { Entry, Kind } from "./entries.js";
import { isScore, news2, type NoScore, type Person, type Score } from "./news2.js";
import { measured, type Observation, RANGES } from "./observation.js";

/** Clocks of two devices may differ by this many seconds before an entry counts as dated ahead. */
export const CLOCKS_DIFFER = 300;

/**
 * A row of the case and what was in it. `at` is when the server took it (UTC seconds). `entry` is null when it is
 * sealed to others, or, with `trouble`, when it cannot be read. `passedOnBy` names who sealed it again for the reader.
 */
export interface Logged {
  readonly number: number;
  readonly by: string;
  readonly at: number;
  readonly keepersOnly: boolean;
  readonly entry: Entry | null;
  readonly trouble: string | null;
  readonly passedOnBy: string | null;
}

/** A standing, readable entry, and when it was so, in UTC seconds. */
export interface Fact<E extends Entry = Entry> {
  readonly number: number;
  readonly entry: E;
  readonly passedOnBy: string | null;
  readonly at: number;
}
export type FactOf<K extends Kind> = Fact<Extract<Entry, { kind: K }>>;

/** An observation and where it stands. */
export interface Seen {
  readonly fact: Fact;
  readonly what: Observation;
}

/**
 * The last unbroken row of observations without consciousness (P or U): its first and its last one. Between them
 * nobody saw the person awake, so they were unconscious for at least `seconds`. `over`: they answered at a later look.
 */
export interface Unconscious {
  readonly since: Seen;
  readonly until: Seen;
  readonly over: boolean;
  readonly seconds: number;
}

/** A task: the entry it stands in, who took it last, and the entry that reported it. */
export interface TaskState {
  readonly number: number;
  readonly task: FactOf<"task">["entry"]["what"];
  readonly takenBy: string | null;
  readonly reported: number | null;
  readonly done: boolean;
}

/** One point of a trend: when (UTC seconds), the value in the unit of its range, and the entry's number. */
export interface Point {
  readonly at: number;
  readonly value: number;
  readonly number: number;
}

/** What the entries say by `at`. `struck` tells for each corrected entry which one corrects it. */
export interface Now {
  readonly at: number;
  readonly standing: readonly Fact[];
  readonly struck: ReadonlyMap<number, number>;
  readonly harms: readonly FactOf<"harm">[];
  readonly observations: readonly Seen[];
  readonly latest: ReadonlyMap<string, Seen>;
  readonly unconscious: Unconscious | null;
  readonly treatments: readonly FactOf<"treatment">[];
  readonly here: FactOf<"sighting" | "place"> | null;
  readonly onTheWay: FactOf<"place"> | null;
  readonly help: readonly FactOf<"place">[];
  readonly documents: readonly Fact[];
  readonly decisions: readonly Fact[];
  readonly tasks: readonly TaskState[];
  readonly questions: readonly Fact[];
  readonly onWatch: readonly string[];
  readonly troubles: readonly string[];
}

/** NEWS2 of the newest observation that has one; else of the newest, with the reasons. Nothing without any. */
export function scoreOf(now: Now, person: Person): readonly [Seen, Score | NoScore] | undefined {
  const scored = now.observations.map((seen) => [seen, news2(seen.what, person)] as const);
  return scored.findLast(([, score]) => isScore(score)) ?? scored.at(-1);
}

/** The points of every measured value, by field name, and of the score under `news2`. */
export function trendOf(now: Now, person: Person): ReadonlyMap<string, readonly Point[]> {
  const found = new Map<string, Point[]>(
    [...RANGES.map((range) => range.field), "news2"].map((name) => [name, []]),
  );
  for (const { fact, what } of now.observations) {
    for (const { field } of RANGES) {
      const value = measured(what, field);
      if (value !== null) found.get(field)?.push({ at: fact.at, value, number: fact.number });
    }
    const score = news2(what, person);
    if (isScore(score)) found.get("news2")?.push({ at: fact.at, value: score.total, number: fact.number });
  }
  return found;
}

/**
 * Add up the rows of a case as they stand at `at`, in UTC seconds. Rows may come in any order.
 *
 * Rows for which `counts` is false state nothing, yet what they correct is corrected: leaving an entry out of a report
 * never brings an error back into it.
 */
export function fold(
  rows: readonly Logged[],
  at: number,
  counts: (row: Logged) => boolean = () => true,
): Now {
  const ordered = rows.toSorted((one, other) => one.number - other.number);
  const [struck, troubles] = strike(ordered);
  const readable = ordered.flatMap(({ number, entry, passedOnBy, ...rest }): Fact[] => {
    const row = { number, entry, passedOnBy, ...rest };
    if (entry === null || struck.has(number) || entry.kind === "withdrawal" || !counts(row)) return [];
    return [{ number, entry, passedOnBy, at: entry.head.when.at }];
  });
  const own = readable
    .filter((fact) => fact.entry.head.person === null)
    .sort((one, other) => one.at - other.at || one.number - other.number);
  const observations = of(own, "observation").map((fact): Seen => ({ fact, what: fact.entry.what }));
  const places = of(own, "place");
  return {
    at,
    standing: readable,
    struck,
    harms: of(own, "harm"),
    observations,
    latest: latestOf(observations),
    unconscious: unconsciousOf(observations),
    treatments: of(own, "treatment"),
    here: own.filter(isHere).at(-1) ?? null,
    onTheWay: places.findLast((fact) => fact.entry.what.standing === "on the way") ?? null,
    help: places.filter((fact) => fact.entry.what.standing === "place of help"),
    documents: of(own, "document"),
    decisions: of(own, "decision"),
    tasks: tasksOf(readable),
    questions: questionsOf(readable),
    onWatch: onWatchOf(own),
    troubles: [...troubles, ...troublesOf(ordered, readable)],
  };
}

/**
 * Which entries are corrected, and by which; and what does not fit. Rows stand in order of their numbers.
 *
 * A correction takes the place of what it corrects, and of all that this one had corrected. A withdrawal takes only its
 * own entry away: withdrawing a correction brings back what it had corrected. Of two corrections of one entry the later
 * stands, and that there are two is said.
 */
export function strike(rows: readonly Logged[]): readonly [ReadonlyMap<number, number>, readonly string[]] {
  const known = new Set(rows.map((row) => row.number));
  const reaches = new Map<number, Set<number>>();
  const troubles: string[] = [];
  for (const { number, entry } of rows) {
    const wrong = entry?.head.corrects ?? null;
    if (entry === null || wrong === null) continue;
    if (wrong >= number || !known.has(wrong)) {
      troubles.push(`Entry ${number} corrects entry ${wrong}, which is not before it; it stands as it is.`);
      continue;
    }
    const aims = new Set([wrong, ...(entry.kind === "withdrawal" ? [] : (reaches.get(wrong) ?? []))]);
    reaches.set(number, aims);
    for (const rival of rivalsOf(reaches, number, wrong)) {
      aims.add(rival);
      troubles.push(
        `Entries ${rival} and ${number} both correct entry ${wrong}; the later, ${number}, stands.`,
      );
    }
  }
  const struck = new Map<number, number>();
  // Whatever corrects has the greater number, so it is settled first.
  for (const number of [...reaches.keys()].sort((one, other) => other - one)) {
    if (struck.has(number)) continue;
    for (const wrong of reaches.get(number) ?? []) if (!struck.has(wrong)) struck.set(wrong, number);
  }
  return [struck, troubles];
}

function rivalsOf(
  reaches: ReadonlyMap<number, ReadonlySet<number>>,
  number: number,
  wrong: number,
): number[] {
  const aimed = [...reaches].filter(([one, aims]) => one !== number && one !== wrong && aims.has(wrong));
  return aimed.map(([one]) => one).filter((one) => ![...reaches.values()].some((aims) => aims.has(one)));
}

function of<K extends Kind>(facts: readonly Fact[], kind: K): FactOf<K>[] {
  return facts.filter((fact) => fact.entry.kind === kind) as FactOf<K>[];
}

function isHere(fact: Fact): fact is FactOf<"sighting" | "place"> {
  const { entry } = fact;
  return entry.kind === "sighting" || (entry.kind === "place" && entry.what.standing === "here");
}

export const LATEST_FIELDS = [
  "consciousness",
  "oxygen",
  "breathing_quality",
  "pulse_quality",
  "pupils",
  "skin",
  ...RANGES.map((range) => range.field),
] as const;

function latestOf(observations: readonly Seen[]): ReadonlyMap<string, Seen> {
  const latest = new Map<string, Seen>();
  for (const seen of observations) {
    for (const field of LATEST_FIELDS) if (seen.what[field] !== null) latest.set(field, seen);
  }
  return latest;
}

function unconsciousOf(observations: readonly Seen[]): Unconscious | null {
  const told = observations.filter((seen) => seen.what.consciousness !== null);
  const row: Seen[] = [];
  for (const seen of told.toReversed()) {
    if (seen.what.consciousness === "P" || seen.what.consciousness === "U") row.push(seen);
    else if (row.length > 0) break;
  }
  const [until, since] = [row[0], row.at(-1)];
  if (!until || !since) return null;
  return { since, until, over: until !== told.at(-1), seconds: until.fact.at - since.fact.at };
}

function tasksOf(readable: readonly Fact[]): TaskState[] {
  const taken = new Map<number, string>();
  const reported = new Map<number, readonly [number, boolean]>();
  for (const { number, entry } of readable) {
    if (entry.kind === "task_taken") taken.set(entry.what.task, entry.head.by);
    else if (entry.kind === "task_reported")
      reported.set(entry.what.task, [number, entry.what.done === "done"]);
  }
  return of(readable, "task").map(({ number, entry }) => {
    const [by = null, done = false] = reported.get(number) ?? [];
    return { number, task: entry.what, takenBy: taken.get(number) ?? null, reported: by, done };
  });
}

function questionsOf(readable: readonly Fact[]): Fact[] {
  const answered = new Set(readable.map((fact) => fact.entry.head.answers));
  return of(readable, "question").filter((fact) => !answered.has(fact.number));
}

function onWatchOf(facts: readonly Fact[]): string[] {
  const watching = new Set<string>();
  for (const { entry } of of(facts, "on_watch")) {
    if (entry.what.begins) watching.add(entry.what.who);
    else watching.delete(entry.what.who);
  }
  return [...watching];
}

function troublesOf(rows: readonly Logged[], readable: readonly Fact[]): string[] {
  const tasks = new Set(rows.filter((row) => row.entry?.kind === "task").map((row) => row.number));
  const received = new Map(rows.map((row) => [row.number, row.at]));
  const found = rows.flatMap((row) =>
    row.trouble === null ? [] : [`Entry ${row.number} by ${row.by} cannot be read: ${row.trouble}`],
  );
  for (const { number, entry, at } of readable) {
    if (at > (received.get(number) ?? 0) + CLOCKS_DIFFER) {
      found.push(`Entry ${number} is dated later than it was written.`);
    }
    const task = entry.kind === "task_taken" || entry.kind === "task_reported" ? entry.what.task : null;
    if (task !== null && !tasks.has(task))
      found.push(`Entry ${number} speaks of task ${task}, which is no task.`);
  }
  return found;
}
