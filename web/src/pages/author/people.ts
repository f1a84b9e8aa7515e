// The people an author writes for: made known by a card that is printed here, or by an invitation of their own.
import { find, get, mend, show, typed } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { told } from "../../client/refusals.js";
import { PublicKeys } from "../../sealing/person.js";
import { Refused } from "../../signing/refusals.js";
import { form } from "../account/form.js";
import { isOnPaper, makeCard, printed, type Unprinted, unprinted } from "./card.js";
import { checkAndPin, eightWordsOf } from "./invite.js";
import { offerInvitations } from "./keepers.js";
import { listen, locked, reveal } from "./pages.js";
import { pinned } from "./pinned.js";

export async function people(): Promise<void> {
  const me = await locked();
  if (!me) return;
  await offerCards(me, "/people");
  offerInvitations(me, () => "recipient");
  for (const place of document.querySelectorAll<HTMLElement>("[data-known]")) showKnown(me, place);
  listen({
    words: (button) => showWords(me, button),
    check: (button) => checkAnswerOf(me, button),
  });
  reveal();
}

// Cards.

/** Let a card be made here, and bring back those that are not on paper yet. `then` is where a person goes on. */
export async function offerCards(me: Me, then: string): Promise<void> {
  let card: Unprinted | undefined;
  const showCard = async (made: Unprinted): Promise<void> => {
    card = made;
    get("[data-card]", HTMLElement).replaceChildren(...(await printed(me, made)));
    for (const place of document.querySelectorAll("[data-card-name]")) place.textContent = made.name;
    show("card");
  };
  form("card", {
    text: "Making the key.",
    places: { here: "name", address_unfit: "mail", malformed: "name" },
    work: async (shown) => {
      const name = typed(shown, "name");
      if (!name) throw new Refused("Nobody was named.", "Enter a name, as your letters should say it.");
      await showCard(await makeCard(me, name, typed(shown, "mail")));
    },
  });
  form("on-paper", {
    text: "Making sure of the key.",
    work: async () => {
      if (!card) return;
      await isOnPaper(me, card);
      location.assign(then === "/write" ? `/write/died.${card.handle}` : then);
    },
  });
  listen({
    print: () => {
      window.print();
    },
    "show-card": () => {
      get("[data-card]", HTMLElement).classList.remove("only-paper");
    },
    "card-again": async () => {
      const [first] = await unprinted(me);
      if (first) await showCard(first);
    },
  });
  const [first] = await unprinted(me);
  const notice = find("[data-unprinted]", HTMLElement);
  if (first && notice) {
    get("[data-unprinted-name]", HTMLElement, notice).textContent = first.name;
    notice.hidden = false;
  }
}

// Whose key is whose.

/** Say whether this author has made sure of somebody's key. */
export function showKnown(me: Me, place: HTMLElement): void {
  const pin = me.pins.person(place.dataset["known"] ?? "");
  if (!pin) return;
  const how = pin.how === "card" ? "Their key is the one on the card you made" : "You made sure of their key";
  place.textContent = `${how}. `;
}

/** The eight words of somebody's key, for comparing by voice. */
export async function showWords(me: Me, button: HTMLElement): Promise<void> {
  const handle = button.dataset["person"] ?? "";
  const place = get(`[data-words-of="${handle}"]`, HTMLElement);
  try {
    const { public_key, signing_key } = await pinned(me, handle);
    const words = await eightWordsOf(new PublicKeys(public_key, signing_key, ""));
    place.textContent = words.join(" ");
  } catch (error) {
    place.textContent = told()(error)
      .map(({ text }) => text)
      .join(" ");
  }
  place.hidden = false;
}

async function checkAnswerOf(me: Me, button: HTMLElement): Promise<void> {
  const handle = button.dataset["person"] ?? "";
  try {
    await checkAndPin(me, handle, "recipient");
    location.reload();
  } catch (error) {
    mend(get("[data-people]", HTMLElement), told()(error));
  }
}
