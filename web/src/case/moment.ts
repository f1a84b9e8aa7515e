// Twin of src/lastwords/case/moment.py: an instant, the zone whose clock the writer had before them, and whether it
// is only about then. The browser's own zone tables decide how it is shown.
import { recordOf, type RecordOf, text, whole, yesNo } from "./plain.js";
import { unwritable } from "./refusals.js";

export const EARLIEST = 946_684_800; // 2000-01-01 UTC; whatever is earlier is a slip
export const LATEST = 7_258_118_400; // 2200-01-01 UTC
export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86400;

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** An instant in UTC seconds, an IANA zone name, and whether the writer only knows it roughly. */
export type Moment = RecordOf<typeof Moment>;
export const Moment = recordOf({ at: whole, zone: text, about: yesNo }, ({ at, zone }) => {
  if (!(EARLIEST <= at && at < LATEST)) {
    throw unwritable("This time lies before the year 2000 or after 2200", "Type the date again");
  }
  clockOf(zone);
});

/** `about Wed 4 Mar 2026, 07:00`, in the given zone or its own. */
export function shown(moment: Moment, zone: string = moment.zone): string {
  const local = localOf(moment.at, zone);
  const about = moment.about ? "about " : "";
  return `${about}${DAYS[local.getUTCDay()]} ${shownDay(moment.at, zone)}, ${clock(local)}`;
}

/** `4 Mar 07:00`, with a tilde before it when it is only about then; for tables that name the zone once. */
export function shownShort(moment: Moment, zone: string): string {
  const local = localOf(moment.at, zone);
  return `${moment.about ? "~" : ""}${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${clock(local)}`;
}

/** `4 Mar 2026`. */
export function shownDay(at: number, zone: string): string {
  const local = localOf(at, zone);
  return `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
}

/** How many seconds that zone's clock is ahead of UTC at that instant. */
export function awaySeconds(at: number, zone: string): number {
  return Math.round(localOf(at, zone).getTime() / 1000) - at;
}

/** How far that zone's clock is from UTC at that instant: `UTC+09:00`. */
export function offset(at: number, zone: string): string {
  const minutes = Math.trunc(awaySeconds(at, zone) / 60);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/** A length as people say it: `40 min`, `2 h 10 min`, `15 h`, `3 days`. What is left over is cut, never added. */
export function spokenLength(seconds: number): string {
  const length = Math.max(seconds, 0);
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < 2 * DAY) {
    const minutes = Math.floor((length % HOUR) / MINUTE);
    return `${Math.floor(length / HOUR)} h` + (minutes ? ` ${minutes} min` : "");
  }
  const hours = Math.floor((length % DAY) / HOUR);
  return `${Math.floor(length / DAY)} days` + (hours ? ` ${hours} h` : "");
}

/**
 * How long ago, seen from `now`: `about 15 h ago`, `2 h 10 min ago`, `just now`; `in 2 h` when it is still to come.
 * What is only about then is given in whole hours, to the nearest one, once it is an hour old.
 */
export function ago(moment: Moment, now: number): string {
  let passed = now - moment.at;
  if (passed < 0) return `${moment.about ? "about " : ""}in ${spokenLength(-passed)}`;
  if (passed < MINUTE) return "just now";
  if (!moment.about) return `${spokenLength(passed)} ago`;
  if (HOUR <= passed && passed < 2 * DAY) passed = Math.floor((passed + HOUR / 2) / HOUR) * HOUR;
  return `about ${spokenLength(passed)} ago`;
}

/** Full years between an ISO date of birth and an instant, by the calendar of that zone. */
export function ageInYears(born: string, at: number, zone: string): number {
  const [year = 0, month = 0, day = 0] = born.split("-").map(Number);
  const local = localOf(at, zone);
  const before = (local.getUTCMonth() + 1 - month || local.getUTCDate() - day) < 0;
  return local.getUTCFullYear() - year - Number(before);
}

/** The zone's civil time at an instant, carried in the UTC fields of a Date. */
function localOf(at: number, zone: string): Date {
  const parts = new Map<string, number>();
  for (const { type, value } of clockOf(zone).formatToParts(at * 1000)) parts.set(type, Number(value));
  const part = (name: string): number => parts.get(name) ?? 0;
  return new Date(
    Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")),
  );
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  try {
    // A browser takes names in any case, and offsets; the tables that everybody shares know one spelling.
    if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z0-9][A-Za-z0-9_+-]*)*$/.test(zone)) throw new RangeError();
    const found = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    clocks.set(zone, found);
    return found;
  } catch {
    const named = Array.from(zone).slice(0, 60).join("");
    throw unwritable(`There is no time zone called '${named}'`, "Name one as Europe/Lisbon is named");
  }
}

function clock(local: Date): string {
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
