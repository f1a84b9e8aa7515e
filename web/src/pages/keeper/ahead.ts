// Twin of `opened` in src/lastwords/cli/sheet.py, and of how it is told: sheets that the author sealed for a case.
import { part, read } from "../../client/api.js";
import { doing, el, get, given } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { unlocked } from "../../client/unlocked.js";
import { type Moment, shown as shownMoment, spokenLength } from "../../case/moment.js";
import { CaseRefused } from "../../case/refusals.js";
import { type Listed, type MedicalSheet, read as readSheet, type Sheet } from "../../case/sheets.js";
import { openBytes } from "../../sealing/age/files.js";
import { SealedFileRefused } from "../../sealing/refusals.js";
import { Act, AUTHOR } from "../../signing/act.js";
import { utf8 } from "../../signing/bytes.js";
import { digest } from "../../signing/canonical.js";
import { read as readDocument } from "../../signing/documents.js";
import { Refused } from "../../signing/refusals.js";
import { bytesOf, problemsOf } from "./running.js";

const ACT = "seal sheet";

interface SheetRow {
  readonly sheet: string;
  readonly body: string;
  readonly document: string;
}

/** What the host calls each sheet, in the order in which they are needed. */
const AT_HOST = { trip: "trip_notes", find_me: "find_me", medical: "medical" } as const;
type Name = keyof typeof AT_HOST;

const TITLES: Readonly<Record<Name, string>> = {
  trip: "Notes of the trip",
  find_me: "What helps to find them",
  medical: "What a clinician asks first",
};

/** The author's medical sheet; or none, and why. Whatever is wrong with it, a report is made: somebody waits for it. */
export async function medicalSheet(
  me: Me,
  author: string,
): Promise<{ readonly sheet: MedicalSheet | null; readonly why: string }> {
  try {
    const rows = await sheetRows(author);
    const row = rows.find((one) => one.sheet === AT_HOST.medical);
    if (!row) return { sheet: null, why: "The author left no medical sheet that you may read now." };
    const found = await opened(me, author, "medical", row);
    if (found.sheet === "medical") return { sheet: found.what, why: "" };
    return { sheet: null, why: "The host shows another sheet." };
  } catch (error) {
    if (!(error instanceof Refused || error instanceof CaseRefused)) throw error;
    return { sheet: null, why: error.happened };
  }
}

async function sheetRows(author: string): Promise<readonly SheetRow[]> {
  return (await read<{ sheets: readonly SheetRow[] }>(`/watches/${part(author)}/sheets`)).sheets;
}

/** A sheet, opened here: the one the author signed as this one, and no other. Throws Refused and CaseRefused. */
async function opened(me: Me, author: string, name: Name, row: SheetRow): Promise<Sheet> {
  const body = bytesOf(row.body);
  const { document: act } = readDocument(utf8(row.document), Act, await me.authorKey(author));
  const said = [act.actor, act.author, act.role, act.act, act.subject, act.body].join("\n");
  if (said !== [author, author, AUTHOR, ACT, AT_HOST[name], digest(body)].join("\n")) {
    throw new Refused(
      "The host shows a sheet that the author did not sign as this one; it was not opened.",
      "Tell the other keepers and whoever runs the host.",
    );
  }
  try {
    return readSheet(await openBytes(body, [me.keys.secretKey]));
  } catch (error) {
    if (!(error instanceof SealedFileRefused)) throw error;
    throw new Refused(
      "This sheet is not sealed to your key; what it says is unharmed.",
      "Ask another keeper to read it to you: it was sealed before you joined.",
    );
  }
}

// The page.

export async function aheadPage(): Promise<void> {
  const place = get("[data-sheets]", HTMLElement);
  const around = place.parentElement ?? place;
  await doing(around, "Opening what was written ahead.", () => unlocked(() => fill(place)), problemsOf());
}

async function fill(place: HTMLElement): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  const rows = await sheetRows(author);
  const parts: Node[] = [];
  for (const name of Object.keys(AT_HOST) as Name[]) {
    const row = rows.find((one) => one.sheet === AT_HOST[name]);
    if (!row) continue;
    parts.push(
      el("section", { class: "ahead" }, el("h2", {}, TITLES[name]), ...(await told(me, author, name, row))),
    );
  }
  const none = `${given("author-name")} has left nothing of this kind.`;
  place.replaceChildren(...(parts.length > 0 ? parts : [el("p", {}, none)]));
  get("[data-print]", HTMLButtonElement).hidden = parts.length === 0;
}

async function told(me: Me, author: string, name: Name, row: SheetRow): Promise<Node[]> {
  try {
    const { what } = await opened(me, author, name, row);
    const lines = Object.entries(what).flatMap(([field, value]) => lineOf(field, value));
    return [el("dl", { class: "summary" }, ...lines)];
  } catch (error) {
    if (!(error instanceof Refused || error instanceof CaseRefused)) throw error;
    return [el("p", {}, `${error.happened} ${error.do}`)];
  }
}

const LABELS: Readonly<Record<string, string>> = {
  filled_in: "Written on",
  back: "To be back",
  places_of_help: "Places of help",
  to_call: "Whom to call, and when",
  when_unwell: "When they are unwell",
  ask: "People to ask",
  photo_sha256: "Photo",
  born: "Born on",
  wishes: "Documents of wishes",
  text: "Besides",
};

function lineOf(field: string, value: unknown): Node[] {
  if (value === null || (Array.isArray(value) && value.length === 0)) return [];
  const label = LABELS[field] ?? field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " ");
  const lines = Array.isArray(value) ? value.map(said) : [said(value)];
  const told =
    lines.length === 1 ? lines : [el("ul", { class: "bare" }, ...lines.map((one) => el("li", {}, one)))];
  return [el("div", {}, el("dt", {}, label), el("dd", { class: "preserved" }, ...told))];
}

/** One thing a sheet says, in words. */
function said(value: unknown): string {
  if (value === true || value === false) return value ? "yes" : "no";
  if (typeof value !== "object" || value === null) return String(value);
  if (isMoment(value)) return shownMoment(value);
  if (isListed(value)) return value.items.join(", ") || value.said;
  if ("minutes_away" in value && "counted_from" in value && "name" in value) {
    const { name, minutes_away: minutes, counted_from: from } = value;
    return `${String(name)}, ${spokenLength(Number(minutes) * 60)} from ${String(from)}`;
  }
  if ("from_when" in value && "whom" in value) {
    const what = "say" in value && typeof value.say === "string" ? `: ${value.say}` : "";
    return `From ${said(value.from_when)} on: ${said(value.whom)}${what}`;
  }
  return Object.values(value)
    .filter((one) => one !== null)
    .map(said)
    .join(", ");
}

function isMoment(value: object): value is Moment {
  return "at" in value && "zone" in value && "about" in value;
}

function isListed(value: object): value is Listed {
  return "said" in value && "items" in value;
}
