// Twin of src/lastwords/cli/sheet.py and forms.py: a sheet filled in here, sealed to every verified keeper and to the
// author, and signed as what it is. The host keeps what it cannot read, and gives it to keepers with a case.
import { part, post, read } from "../../client/api.js";
import { doing, given } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { comingBack, putBack } from "../../client/typed.js";
import { told } from "../../client/refusals.js";
import { CaseRefused } from "../../case/refusals.js";
import * as sheets from "../../case/sheets.js";
import { openBytes, sealBytes } from "../../sealing/age/files.js";
import { Act } from "../../signing/act.js";
import { fromBase64, toBase64, utf8 } from "../../signing/bytes.js";
import { digest } from "../../signing/canonical.js";
import { read as readDocument } from "../../signing/documents.js";
import { Refused } from "../../signing/refusals.js";
import { form } from "../account/form.js";
import { filled, put } from "./fields.js";
import { locked, reveal } from "./pages.js";
import { ownOf, pinned } from "./pinned.js";
import { HOLDERS, madeKeeper, type SeatRow } from "./sharing.js";

const ACT = "seal sheet";

export async function sheet(): Promise<void> {
  const me = await locked();
  if (!me) return;
  const name = given("sheet") as sheets.SheetName;
  const shown = form("sheet", {
    text: "Sealing.",
    work: async (typing) => {
      const data = written(name, typing);
      const sealedTo = await comingBack(() => seal(me, name, data));
      location.assign(`/sheets?sealed=${encodeURIComponent(String(sealedTo))}`);
    },
  });
  reveal();
  if (!shown) return;
  if (given("sealed") === "yes") {
    const work = async (): Promise<void> => {
      put(shown, await opened(me, name));
    };
    await doing(shown, "Opening your own copy.", work, told());
  }
  await putBack(shown);
}

/** The sheet's bytes as they are filled in. What a sheet refuses is said as a refusal of the page. */
function written(name: sheets.SheetName, typing: HTMLFormElement): Uint8Array {
  const zone = given("zone") || "UTC";
  const moment = (at: number): object => ({ at, zone, about: false });
  const what: Record<string, unknown> = {
    filled_in: moment(Math.floor(Date.now() / 1000)),
    ...REST[name],
    ...filled(typing, moment),
    ...(name === "trip" ? { back: moment(Number(given("back"))) } : {}),
  };
  try {
    const { read: reader } = sheets.SHEETS[name];
    return sheets.encode({ sheet: name, what: reader(what, "the sheet") } as sheets.Sheet);
  } catch (error) {
    if (!(error instanceof CaseRefused)) throw error;
    throw new Refused(error.happened, error.do);
  }
}

/** What a sheet has besides and this page does not ask for. */
const REST: Readonly<Record<sheets.SheetName, Readonly<Record<string, unknown>>>> = {
  find_me: { photo_sha256: null },
  medical: {},
  trip: { places_of_help: [] },
};

/** Seal a sheet to every verified keeper and the author, and leave it with the host; gives how many keepers. */
async function seal(me: Me, name: sheets.SheetName, data: Uint8Array): Promise<number> {
  const readers = await readersOf(me);
  const body = await sealBytes(data, [me.keys.publicKey, ...readers.values()]);
  const subject = atHost(name);
  const document = me.signAct(ACT, me.handle, "author", { subject, body: digest(body) });
  await post(`/watches/${part(me.handle)}/sheets`, { sheet: subject, body: padded(body), document });
  return readers.size;
}

/**
 * The sealing keys of all verified keepers, alternates among them, by handle. Throws Refused if there are none, and for
 * whomever the host lists and the author did not make one.
 */
export async function readersOf(me: Me): Promise<Map<string, string>> {
  const { keepers } = await read<{ keepers: SeatRow[] }>(`/watches/${part(me.handle)}/keepers`);
  const found = new Map<string, string>();
  const able = keepers.filter(({ stage }) => HOLDERS.includes(stage)).map(({ handle }) => handle);
  const own = ownOf(me);
  for (const handle of able.sort()) {
    found.set(handle, (await pinned(me, handle, own)).public_key);
    if (!(await madeKeeper(me, handle, own))) {
      throw new Refused(
        `The host lists ${handle} among your keepers, and nothing here says that you made them one; nothing was sealed.`,
        "If you did, make sure of their key once more on their page, under “Keepers”. If not, tell whoever runs the host.",
      );
    }
  }
  if (found.size > 0) return found;
  throw new Refused(
    "No keeper is verified yet, so nobody could ever read this; nothing was sealed.",
    "Verify a keeper first, on the page of your keepers.",
  );
}

export function padded(data: Uint8Array): string {
  const text = toBase64(data);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** What the host calls each sheet. */
function atHost(name: sheets.SheetName): string {
  return name === "trip" ? "trip_notes" : name;
}

/** One's own newest sheet of that name: the one that was signed here, and no other. Throws Refused. */
async function opened(me: Me, name: sheets.SheetName): Promise<Readonly<Record<string, unknown>>> {
  const path = `/watches/${part(me.handle)}/sheets`;
  const { sheets: rows } = await read<{ sheets: { sheet: string; body: string; document: string }[] }>(path);
  const row = rows.find((one) => one.sheet === atHost(name));
  const body = row && fromBase64(row.body.replace(/=+$/, ""));
  if (!row || !body) throw new Refused("The sheet is not here any more.", "Fill it in anew.");
  const { document: act } = readDocument(utf8(row.document), Act, me.keys.signing.public);
  if (act.act !== ACT || act.subject !== atHost(name) || act.body !== digest(body)) {
    throw new Refused(
      "The host shows a sheet that you did not sign as this one; it was not opened.",
      "Fill it in anew.",
    );
  }
  const { what } = sheets.read(await openBytes(body, [me.keys.secretKey]));
  return what;
}
