// Keepers: asked by an invitation made here, and verified by their answer to it or by eight words read aloud.
import { part, post } from "../../client/api.js";
import { believed, eightWordsOf } from "../../client/believe.js";
import { get, given, typed } from "../../client/dom.js";
import { type Me, now } from "../../client/me.js";
import type { PublicKeys } from "../../sealing/person.js";
import { Refused } from "../../signing/refusals.js";
import { BY_INVITATION, BY_VOICE, Vouching } from "../../signing/vouching.js";
import { form } from "../account/form.js";
import { offerHousehold, warnOfHouseholds } from "./households.js";
import { canCheck, checkAndPin, invite, linkOf, type Role, showMessage } from "./invite.js";
import { listen, locked, reveal } from "./pages.js";
import { showKnown, showWords } from "./people.js";
import { madeKeeper } from "./sharing.js";

/** The page of all keepers: asking somebody new. */
export async function keepers(): Promise<void> {
  const me = await locked();
  if (!me) return;
  offerInvitations(me, (shown) => (new FormData(shown).get("role") === "alternate" ? "alternate" : "keeper"));
  reveal();
  await warnOfHouseholds(me);
}

/** Let somebody be invited here; `role` reads from the form as whom. */
export function offerInvitations(me: Me, role: (shown: HTMLFormElement) => Role): void {
  const place = get("[data-message]", HTMLElement);
  form("invite", {
    text: "Making the invitation.",
    places: { here: "invited", malformed: "invited" },
    work: async (shown) => {
      const name = typed(shown, "invited");
      if (!name) throw new Refused("Nobody was named.", "Enter the name of the person you ask.");
      const as = role(shown);
      const order = as === "alternate" ? orderIn(shown) : undefined;
      showMessage(place, as, name, await invite(me, as, name, order));
      shown.reset();
    },
  });
  const made = me.pins.invitations();
  for (const button of document.querySelectorAll<HTMLElement>("[data-invitation]")) {
    const known = made[button.dataset["invitation"] ?? ""];
    if (!known) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      showMessage(place, known.role as Role, known.name, linkOf(me, known.fragment));
    });
  }
}

function orderIn(shown: HTMLFormElement): number | undefined {
  const text = typed(shown, "order");
  if (text === "") return undefined;
  const order = Number(text);
  if (Number.isInteger(order) && order >= 1 && order <= 99) return order;
  throw new Refused("The order cannot be used.", "Enter a number from 1 to 99, or leave it empty.");
}

// One keeper.

/** The page of one keeper: verifying them, and the words by which their key is compared. */
export async function keeper(): Promise<void> {
  const print = get("[data-print-card]", HTMLElement);
  print.hidden = false;
  print.addEventListener("click", () => {
    window.print();
  });
  const me = await locked();
  if (!me) return;
  // What a keeper compares by voice comes from the key itself, and not from the host.
  get("[data-own-eight]", HTMLElement).textContent = await eightWordsOf(me.keys.public);
  const handle = given("keeper");
  for (const place of document.querySelectorAll<HTMLElement>("[data-known]")) showKnown(me, place);
  listen({ words: (button) => showWords(me, button) });
  offerHousehold(me);
  reveal();
  const typing = get('[data-form="verify"]', HTMLFormElement);
  const first = typing.dataset["stage"] === "accepted";
  const byAnswer = await canCheck(me, handle, "keeper");
  get("[data-by-answer]", HTMLElement).hidden = !byAnswer;
  get("[data-by-voice]", HTMLDetailsElement).open = !byAnswer;
  form("verify", {
    text: "Comparing and signing.",
    places: { here: "eight" },
    work: async (shown) => {
      const said = typed(shown, "eight");
      const answered = said === "" && byAnswer;
      const keys = answered ? await checkAndPin(me, handle, "keeper") : await believed(me, handle, said);
      const vouched = new FormData(shown).get("vouched") === "yes";
      if (first) await verify(me, handle, keys, answered ? BY_INVITATION : BY_VOICE, vouched);
      await me.pins.seat(handle);
      location.reload();
    },
  });
  // Whoever was made a keeper elsewhere, and holds no share yet, is made sure of once more: here nothing says so but the host.
  typing.hidden = !first && (await madeKeeper(me, handle));
}

async function verify(
  me: Me,
  handle: string,
  keys: PublicKeys,
  by: typeof BY_INVITATION | typeof BY_VOICE,
  vouched: boolean,
): Promise<void> {
  const document = me.sign(Vouching, {
    author: me.handle,
    keeper: handle,
    sealing: keys.sealingFingerprint,
    signing: keys.signingFingerprint,
    sign_in: keys.signInFingerprint,
    by,
    moment: now(),
  });
  await post(`/watches/${part(me.handle)}/keepers/${part(handle)}/verification`, { document, vouched });
}
