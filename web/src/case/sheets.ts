// Twin of src/lastwords/case/sheets.py: sheets that the author fills in ahead and seals for the keepers.
import { Moment } from "./moment.js";
import {
  fromBytes,
  hasExactly,
  listOf,
  oneOf,
  orNone,
  type Kind,
  record,
  type RecordOf,
  text,
  toBytes,
  whole,
  yesNo,
} from "./plain.js";
import { unreadable, unwritable } from "./refusals.js";

export const FORMAT = "lastwords/v1/sheet";

/** What an empty list means. A list that nobody filled in is never shown as "none". */
export const SAID = ["listed", "none known", "not stated"] as const;

/** A list, or what its emptiness means. */
export type Listed = RecordOf<typeof Listed>;
export const Listed = record({ said: oneOf(SAID), items: listOf(text) }, ({ said, items }) => {
  if ((said === "listed") !== items.length > 0) {
    throw unwritable(
      "A list says that it is listed and is empty, or the other way round",
      "List something, or say 'none known', or 'not stated'",
    );
  }
});

/** As the author states it; it decides nothing, a clinician expects it beside the age. */
export const SEXES = ["female", "male", "other", "not stated"] as const;

const WishesDocument = record({ what: text, lies_at: text });

/** What a clinician asks first, in the author's own words. `born` is an ISO date; `filled_in` says how old it is. */
export type MedicalSheet = RecordOf<typeof MedicalSheet>;
export const MedicalSheet = record(
  {
    filled_in: Moment.read,
    born: orNone(text),
    sex: oneOf(SEXES),
    pregnant: orNone(yesNo),
    allergies: Listed.read,
    medicines: Listed.read,
    conditions: Listed.read,
    devices: Listed.read,
    wishes: listOf(WishesDocument.read),
    languages: listOf(text),
    doctor: orNone(text),
    text: orNone(text),
  },
  ({ born }) => {
    if (born !== null) checkDate(born);
  },
);

/** A medical sheet in which nothing is stated. */
export function emptyMedicalSheet(filledIn: Moment): MedicalSheet {
  const nothing: Listed = { said: "not stated", items: [] };
  return {
    filled_in: filledIn,
    born: null,
    sex: "not stated",
    pregnant: null,
    allergies: nothing,
    medicines: nothing,
    conditions: nothing,
    devices: nothing,
    wishes: [],
    languages: [],
    doctor: null,
    text: null,
  };
}

const Someone = record({ name: text, reach: text });

/** What helps to find the author: looks, places, habits, devices, people to ask. */
export type FindMe = RecordOf<typeof FindMe>;
export const FindMe = record(
  {
    filled_in: Moment.read,
    looks: text,
    marks: orNone(text),
    photo_sha256: orNone(text),
    places: listOf(text),
    routine: orNone(text),
    transport: orNone(text),
    devices: listOf(text),
    when_unwell: orNone(text),
    ask: listOf(Someone.read),
  },
  ({ photo_sha256: sha256 }) => {
    if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) {
      throw unwritable("The photo's SHA-256 does not have 64 digits", "Attach the photo again");
    }
  },
);

const Leg = record({ place: text, at: orNone(Moment.read) });

const PlaceOfHelp = record({ name: text, minutes_away: whole, counted_from: text }, ({ minutes_away }) => {
  if (!(0 <= minutes_away && minutes_away <= 60 * 24 * 90)) {
    throw unwritable("A place of help is between 0 minutes and 90 days away", "Look at the number again");
  }
});

/** Whom a keeper calls, and from when on: a written time is the leave to make the call. */
const ToCall = record({ whom: Someone.read, from_when: Moment.read, say: orNone(text) });

/** A dated absence, for the keepers: who goes, the way, gear, places of help, whom to call when, and the return. */
export type TripNotes = RecordOf<typeof TripNotes>;
export const TripNotes = record(
  {
    filled_in: Moment.read,
    back: Moment.read,
    party: listOf(text),
    route: listOf(Leg.read),
    gear: listOf(text),
    places_of_help: listOf(PlaceOfHelp.read),
    to_call: listOf(ToCall.read),
    text: orNone(text),
  },
  ({ party, back, filled_in }) => {
    if (party.length === 0) {
      throw unwritable("The party of this trip is empty", "Name at least the one who goes");
    }
    if (back.at <= filled_in.at) {
      throw unwritable("This trip ends before its notes were filled in", "Give the day of return again");
    }
  },
);

export const SHEETS = { medical: MedicalSheet, find_me: FindMe, trip: TripNotes } as const;
export type SheetName = keyof typeof SHEETS;
export type Sheet = {
  readonly [K in SheetName]: { readonly sheet: K; readonly what: RecordOf<(typeof SHEETS)[K]> };
}[SheetName];

/** The bytes that the author seals to the keepers. Throws CaseRefused. */
export function encode({ sheet, what }: Sheet): Uint8Array<ArrayBuffer> {
  return toBytes({ format: FORMAT, sheet, what: (SHEETS[sheet] as Kind<typeof what>).of(what) });
}

/** The sheet that opened bytes hold. Throws CaseRefused. */
export function read(data: Uint8Array): Sheet {
  const found = fromBytes(data);
  if (!hasExactly(found, "format", "sheet", "what")) throw unreadable("it is not a sheet");
  if (found["format"] !== FORMAT) throw unreadable("it was written by another version");
  const sheet = (Object.keys(SHEETS) as SheetName[]).find((one) => one === found["sheet"]);
  if (sheet === undefined) throw unreadable("this sheet is not known");
  return { sheet, what: SHEETS[sheet].read(found["what"], "it") } as Sheet;
}

/** Refuse what is not an ISO date between 1880 and 2200. */
export function checkDate(found: string): void {
  const instant = new Date(`${found}T00:00:00Z`);
  const exists = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(found);
  const year = Number(found.slice(0, 4));
  if (!/^\d{4}-\d{2}-\d{2}$/.test(found) || !exists || year < 1880 || year >= 2200) {
    const named = Array.from(found).slice(0, 20).join("");
    throw unwritable(`'${named}' is not a date of birth`, "Write it as 1984-05-31");
  }
}
