// New keys: asked for by somebody who has lost every copy of theirs, and judged by the people who know them.
import { part, post, read } from "../../client/api.js";
import { believed, eightTyped, eightWordsOf } from "../../client/believe.js";
import { el, find, get, given, show, typed } from "../../client/dom.js";
import { answered, fromPaper, recall } from "../../client/keys.js";
import { Me, now } from "../../client/me.js";
import { anotherKey } from "../../client/pins.js";
import { PersonKeys, PublicKeys } from "../../sealing/person.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { fingerprint } from "../../signing/fingerprints.js";
import { fetchList } from "../../signing/lists.js";
import { BY_OLD_KEY, BY_VOICE, NewKeys } from "../../signing/new_keys.js";
import { Refused } from "../../signing/refusals.js";
import { fill, form } from "./form.js";
import { offerPrinting, printed } from "./sheet.js";

interface Standing {
  readonly stage: string;
  readonly ends: number | null;
}

interface Asking extends Standing {
  readonly id: number;
  readonly person: string;
  readonly before: string;
  readonly public_key: string;
  readonly signing_key: string;
  readonly sign_in_key: string;
}

// Asking.

/** The page of somebody who has lost every copy: it makes new keys, prints their sheet, and asks. */
export function askForKeys(): void {
  form("ask", {
    text: "Making new keys, and asking for them.",
    places: { here: "handle", malformed: "handle" },
    work: async (shown) => {
      const handle = typed(shown, "handle").toLowerCase();
      if (!handle) throw new Refused("Nobody was named.", "Enter the handle you signed in with.");
      const keys = PersonKeys.new();
      await fetchList(SLIP39_WORDS);
      await tellStanding(keys, await asked(handle, keys));
      const page = get("[data-page]", HTMLElement);
      page.dataset["handle"] = page.dataset["name"] = handle;
      get("[data-sheet]", HTMLElement).replaceChildren(...printed(keys, keys.words()));
      offerPrinting();
    },
  });
  form("look", {
    text: "Asking how far it has come.",
    places: { here: "paper", malformed: "look-handle" },
    work: async (shown) => {
      const keys = await fromPaper(typed(shown, "paper"));
      await tellStanding(keys, await asked(typed(shown, "look-handle").toLowerCase(), keys));
    },
  });
}

async function asked(handle: string, keys: PersonKeys): Promise<Standing> {
  const { sealing: public_key, signing: signing_key, signIn: sign_in_key } = keys.public;
  return post<Standing>("/new-keys", {
    ...(await answered(handle, keys)),
    public_key,
    signing_key,
    sign_in_key,
  });
}

const SAID: Readonly<Record<string, string>> = {
  asked: "New keys are asked for. Nothing has changed yet: call one of your keepers now.",
  vouched: "Somebody has vouched for you. The wait begins when an old address of yours has taken the letter.",
  waiting: "They wait. If nobody who may says no, they are yours at the end of the wait.",
  carried: "The wait is over: the new keys are yours. Sign in with the new sheet.",
  refused: "Somebody who may said no. Nothing has changed.",
  lapsed: "It was forgotten, because nobody vouched or no old address took the letter.",
};

async function tellStanding(keys: PersonKeys, said: Standing): Promise<void> {
  fill("eight", await eightWordsOf(keys.public));
  const until = said.ends === null ? "" : ` Until ${new Date(said.ends * 1000).toLocaleDateString("en-GB")}.`;
  fill("standing", `${SAID[said.stage] ?? said.stage}${until}`);
  show("asked");
}

// Judging.

/** The page where new keys are vouched for, by words that were heard, and believed once they have come. */
export async function newKeys(): Promise<void> {
  const keys = await recall(given("handle"));
  const needs = find("[data-needs-key]", HTMLElement);
  if (needs) needs.hidden = keys !== undefined;
  if (!keys) return;
  const me = await Me.here();
  const { own, others } = await read<{ own: Asking[]; others: Asking[] }>("/new-keys");
  const askings = [...own, ...others];
  for (const person of new Set(askings.map((asking) => asking.person))) {
    judge(
      me,
      person,
      askings.filter((asking) => asking.person === person),
    );
  }
  const believe = form("believe", {
    text: "Comparing the words.",
    places: { here: "eight", not_found: "person" },
    work: async (shown) => {
      const handle = typed(shown, "person").toLowerCase();
      await believed(me, handle, typed(shown, "eight"));
      shown.replaceChildren(el("p", {}, `From now on the new keys are those of ${handle}.`));
    },
  });
  if (believe) believe.hidden = false;
}

/** Anybody may ask in somebody's name, one's own too: what is typed is looked for among all who did. */
function judge(me: Me, person: string, inThisName: readonly Asking[]): void {
  const field = `heard-${person}`;
  const found = form(`vouch-${person}`, {
    text: "Comparing the words, and signing.",
    places: { here: field },
    work: async (shown) => {
      await vouch(me, await heard(me, inThisName, typed(shown, field)));
      location.reload();
    },
  });
  if (found) found.hidden = false;
}

/**
 * The asking whose eight words were heard. Refuses words that are not those of any keys that wait, and a host that shows
 * another old key than the one known.
 */
async function heard(me: Me, inThisName: readonly Asking[], said: string): Promise<Asking> {
  const eight = eightTyped(said);
  for (const asking of inThisName) {
    const keys = new PublicKeys(asking.public_key, asking.signing_key, asking.sign_in_key);
    if ((await eightWordsOf(keys)) !== eight) continue;
    const known = me.pins.person(asking.person);
    if (known && known.signing !== fingerprint(asking.before)) throw anotherKey(asking.person);
    return asking;
  }
  throw new Refused(
    "These are not the eight words of the keys that wait. Nothing was signed.",
    "Compare them word by word once more. If they still differ, somebody else has asked in this name: say no.",
  );
}

async function vouch(me: Me, asking: Asking): Promise<void> {
  const document = me.sign(NewKeys, {
    person: asking.person,
    before: fingerprint(asking.before),
    sealing: fingerprint(asking.public_key),
    signing: fingerprint(asking.signing_key),
    sign_in: fingerprint(asking.sign_in_key),
    voucher: me.handle,
    by: asking.person === me.handle ? BY_OLD_KEY : BY_VOICE,
    moment: now(),
  });
  await post(`/new-keys/${part(String(asking.id))}/vouching`, { document });
}
