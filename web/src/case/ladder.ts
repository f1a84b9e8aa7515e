// Twin of src/lastwords/case/ladder.py: the keeper's ladder, what to try, in order, and what has been tried.
import type { Entry, Step } from "./entries.js";

export const FIRST = "If you think that the author is in danger now, call the emergency number first.";
export const GO_ON = "Go on only if you are still worried.";

/** One step: what to do, and how. */
export interface Rung {
  readonly step: Step;
  readonly what: string;
  readonly how: string;
}

export const LADDER: readonly Rung[] = [
  {
    step: "call",
    what: "Call",
    how: "Try every number and channel you have, at two times of the day. Leave word with your name and case number.",
  },
  {
    step: "visit",
    what: "Visit",
    how: "Go there, or ask someone near to go: knock, look for letters, lights and the car. Do not go in alone.",
  },
  {
    step: "ask family",
    what: "Ask family",
    how: "When did family, friends and work last hear from the author? Ask; do not tell them more than you must.",
  },
  {
    step: "ask hospital",
    what: "Ask hospital",
    how: "Ask the hospitals and the police nearby whether someone of that name, or unknown, was brought in.",
  },
  {
    step: "emergency number",
    what: "Emergency number",
    how: "Call it, say who is missing since when, and take the find-me sheet and the trip notes in your hand.",
  },
];

/** A rung with the numbers of the entries that tried it. */
export interface Climbed {
  readonly rung: Rung;
  readonly tried: readonly number[];
}

/** The ladder with what was tried: contact attempts of a step, and reported tasks of a step. */
export function climbed(standing: readonly (readonly [number: number, entry: Entry])[]): Climbed[] {
  const stepOfTask = new Map<number, Step | null>();
  for (const [number, entry] of standing) if (entry.kind === "task") stepOfTask.set(number, entry.what.step);
  const stepOf = (entry: Entry): Step | null => {
    if (entry.kind === "contact_attempt") return entry.what.step;
    return entry.kind === "task_reported" ? (stepOfTask.get(entry.what.task) ?? null) : null;
  };
  return LADDER.map((rung) => ({
    rung,
    tried: standing.filter(([, entry]) => stepOf(entry) === rung.step).map(([number]) => number),
  }));
}
