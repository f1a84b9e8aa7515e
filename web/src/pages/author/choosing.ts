// A form that chooses how a track is sealed: which keepers hold a share, and how many of them open it.
import { find, get } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { choicesFor } from "./sealing.js";
import { showBoxes } from "./sharing.js";

/** Show in a form what holds now for a track, for the author to change. */
export async function showChoice(me: Me, track: string, form: HTMLElement): Promise<void> {
  const k = await showHolders(me, track, form);
  if (k !== undefined) get('[name="quorum"]', HTMLInputElement, form).value = String(k);
}

/** Show the boxes, without whoever the form names as the adult who is with a child; give the number that opens now. */
export async function showHolders(me: Me, track: string, form: HTMLElement): Promise<number | undefined> {
  const named = adultIn(form);
  const { all, marked, k } = await choicesFor(me, track, named);
  // Somebody else may have been chosen meanwhile.
  if (named === adultIn(form)) showBoxes(get("[data-shares]", HTMLElement, form), all, marked);
  return k;
}

/** Whom the form names as the adult, empty for nobody; nothing where it does not ask. */
function adultIn(form: HTMLElement): string | undefined {
  return find('[name="adult"]', HTMLSelectElement, form)?.value;
}
