// The eight words of a keeper's own key, to be read aloud, and the author's, to be listened to.
import { doing, el, get, given } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { unlocked } from "../../client/unlocked.js";
import { PublicKeys } from "../../sealing/person.js";
import { EFF_LARGE } from "../../signing/fingerprints.js";
import { fetchList } from "../../signing/lists.js";
import { problemsOf } from "./running.js";

export async function eightPage(): Promise<void> {
  const place = get("[data-eight]", HTMLElement);
  await doing(place, "Reading your key.", () => unlocked(fill), problemsOf());
}

async function fill(): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  await fetchList(EFF_LARGE);
  shown("[data-own]", new PublicKeys(me.keys.publicKey, me.keys.signing.public.text, "").eightWords);
  const theirs = await me.shownKeys(author);
  await me.authorKey(author);
  shown("[data-theirs]", new PublicKeys(theirs.public_key, theirs.signing_key, "").eightWords);
  get("[data-words]", HTMLElement).hidden = false;
}

function shown(where: string, words: readonly string[]): void {
  get(where, HTMLElement).replaceChildren(...words.map((word) => el("li", {}, word)));
}
