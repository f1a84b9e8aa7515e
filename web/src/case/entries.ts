// Twin of src/lastwords/case/entries.py: the kinds of entries in a case, and the form they have inside the seal.
import { Moment } from "./moment.js";
import { Observation } from "./observation.js";
import {
  fromBytes,
  hasExactly,
  type Kind as RecordKind,
  oneOf,
  orNone,
  record,
  type RecordOf,
  text,
  toBytes,
  whole,
  yesNo,
} from "./plain.js";
import { unreadable, unwritable } from "./refusals.js";

export const FORMAT = "lastwords/v1/entry";

export const WAYS = ["own sight", "heard from", "document"] as const;

/** How the writer knows, and from whom or from what: `of` is null for what they saw themselves. */
export type Source = RecordOf<typeof Source>;
export const Source = record({ way: oneOf(WAYS), of: orNone(text) }, ({ way, of }) => {
  if ((way === "own sight") !== (of === null)) {
    throw unwritable(
      "What was seen oneself names no source, and everything else does",
      "Say from whom you heard it, or which document it is",
    );
  }
});

/** `seen by the writer`, `heard from Hound`, `document: ward chart`. */
export function spokenSource({ way, of }: Source): string {
  if (way === "own sight") return "seen by the writer";
  return way === "heard from" ? `heard from ${of}` : `document: ${of}`;
}

/**
 * What every entry says: when it was so, how the writer knows, who writes.
 *
 * `by` is the writer's handle. `corrects` names the entry this one replaces, with `why`; `answers` an open question or
 * a task; `person` whom it is about, when not the author of the case.
 */
export type Head = RecordOf<typeof Head>;
export const Head = record(
  {
    when: Moment.read,
    by: text,
    source: Source.read,
    corrects: orNone(whole),
    why: orNone(text),
    answers: orNone(whole),
    person: orNone(text),
  },
  ({ corrects, why, answers }) => {
    if ((corrects === null) !== (why === null)) {
      throw unwritable(
        "A correction names the entry and says why, and nothing else does",
        "Give both, or neither",
      );
    }
    for (const number of [corrects, answers]) {
      if (number !== null && number < 1) {
        throw unwritable("Entries are numbered from 1", "Look the number up in the case");
      }
    }
  },
);

/** The steps of a keeper's ladder; `ladder.ts` has their words. */
export const STEPS = ["call", "visit", "ask family", "ask hospital", "emergency number"] as const;
export type Step = (typeof STEPS)[number];

/** How an attempt to reach someone ended. */
export const RESULTS = [
  "spoke with the author",
  "spoke with someone else",
  "no answer",
  "left word",
  "not possible",
] as const;

export const DONE = ["done", "not done"] as const;

/** The way a treatment went into or onto the body. */
export const ROUTES = [
  "by mouth",
  "under the tongue",
  "breathed in",
  "into the nose",
  "on the skin",
  "under the skin",
  "into a muscle",
  "into a vein",
  "into a bone",
  "another way",
] as const;

/** What a place is to the person. */
export const STANDINGS = ["here", "on the way", "place of help"] as const;

const AMOUNT = /^(?:0|[1-9][0-9]{0,6})(?:\.[0-9]{1,4})?$/;
const MOST_MINUTES = 60 * 24 * 90;

/** What was given: what, how much (a decimal text with its unit), by which route, by whom, with what effect. */
export type Treatment = RecordOf<typeof Treatment>;
export const Treatment = record(
  {
    what: text,
    amount: orNone(text),
    unit: orNone(text),
    route: orNone(oneOf(ROUTES)),
    given_by: orNone(text),
    effect: orNone(text),
  },
  ({ amount, unit }) => {
    if ((amount === null) !== (unit === null)) {
      throw unwritable("A dose needs a number and a unit", "Give both, as in 1.5 mg, or neither");
    }
    if (amount !== null && (!AMOUNT.test(amount) || /^[0.]*$/.test(amount))) {
      throw unwritable(
        `'${Array.from(amount).slice(0, 20).join("")}' is not a dose`,
        "Write it with digits and at most one point, as in 1.5",
      );
    }
  },
);

/** Where the person is, is being taken, or could find help: how far it is, and when they arrive or arrived. */
export type Place = RecordOf<typeof Place>;
export const Place = record(
  {
    name: text,
    standing: oneOf(STANDINGS),
    minutes_away: orNone(whole),
    arrival: orNone(Moment.read),
    text: orNone(text),
  },
  ({ standing, minutes_away: away }) => {
    if (away !== null && !(0 <= away && away <= MOST_MINUTES)) {
      throw unwritable("A place is between 0 minutes and 90 days away", "Look at the number again");
    }
    if (standing === "here" && away) {
      throw unwritable("A person is not away from where they are", "Say where they are on the way to");
    }
  },
);

/** A paper or file that bears on the case: what it is, where it lies, its SHA-256 when it is sealed beside. */
export const Document = record({ name: text, lies_at: text, sha256: orNone(text) }, ({ sha256 }) => {
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) {
    throw unwritable("A SHA-256 has 64 digits from 0 to 9 and a to f", "Copy it again, or leave it out");
  }
});

/** A kind as it stands in the sealed body and in the server's rows, and its record. */
export const KINDS = {
  harm: record({ mechanism: text, finding: text, suspected: yesNo }),
  contact_attempt: record({
    channel: text,
    label: orNone(text),
    result: oneOf(RESULTS),
    text: orNone(text),
    step: orNone(oneOf(STEPS)),
  }),
  sighting: record({ place: text, company: orNone(text), state: orNone(text) }),
  observation: Observation,
  treatment: Treatment,
  place: Place,
  document: Document,
  decision: record({ what: text, evidence: text, decided_by: text }),
  note: record({ text }),
  question: record({ text }),
  task: record({ what: text, step: orNone(oneOf(STEPS)), for_whom: orNone(text) }),
  task_taken: record({ task: whole, text: orNone(text) }),
  task_reported: record({ task: whole, done: oneOf(DONE), text }),
  on_watch: record({ who: text, begins: yesNo }),
  withdrawal: record({ stands: orNone(whole) }),
} as const;

export type Kind = keyof typeof KINDS;
export type What<K extends Kind> = RecordOf<(typeof KINDS)[K]>;

/** One entry: its kind, its head, and what it says. */
export type Entry = {
  readonly [K in Kind]: { readonly kind: K; readonly head: Head; readonly what: What<K> };
}[Kind];

/** Return an entry made in code. Throws CaseRefused for one that says too little or contradicts itself. */
export function entryOf<K extends Kind>(kind: K, head: Head, what: What<K>): Entry {
  const kept = KINDS[kind] as unknown as RecordKind<What<K>>;
  return checked({ kind, head: Head.of(head), what: kept.of(what) } as unknown as Entry);
}

/** The bytes that are sealed. Reading them gives the same entry again. */
export function encode({ kind, head, what }: Entry): Uint8Array<ArrayBuffer> {
  return toBytes({ format: FORMAT, kind, head, what });
}

/** The entry that plain data spells. Throws CaseRefused. */
export function readPlain(data: unknown): Entry {
  if (!hasExactly(data, "format", "kind", "head", "what")) throw unreadable("it is not an entry");
  if (data["format"] !== FORMAT) throw unreadable("it was written by another version");
  const kind = (Object.keys(KINDS) as Kind[]).find((one) => one === data["kind"]);
  if (kind === undefined) throw unreadable("its kind is not known");
  const head = Head.read(data["head"], "its head");
  return checked({ kind, head, what: KINDS[kind].read(data["what"], "it") } as Entry);
}

/** The entry inside an opened body. `kind` and `by` are what the server's row says of it. Throws CaseRefused. */
export function read(body: Uint8Array, kind: string, by: string): Entry {
  const entry = readPlain(fromBytes(body));
  if (entry.kind !== kind || entry.head.by !== by) {
    throw unreadable("the row around it names another kind or another writer than the seal holds");
  }
  return entry;
}

function checked(entry: Entry): Entry {
  if (entry.kind === "withdrawal" && entry.head.corrects === null) {
    throw unwritable("A withdrawal names no entry", "Say which entry should not have been, and why");
  }
  return entry;
}
