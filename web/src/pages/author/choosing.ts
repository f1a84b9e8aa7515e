// A form that chooses how a track is sealed: which keepers hold a share, and how many of them open it.
import { get } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { choicesFor } from "./sealing.js";
import { showBoxes } from "./sharing.js";

/** Show in a form what holds now for a track, for the author to change. */
export async function showChoice(me: Me, track: string, form: HTMLElement): Promise<void> {
  const { all, marked, k } = await choicesFor(me, track);
  showBoxes(get("[data-shares]", HTMLElement, form), all, marked);
  if (k !== undefined) get('[name="quorum"]', HTMLInputElement, form).value = String(k);
}
