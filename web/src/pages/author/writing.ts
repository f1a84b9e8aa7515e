// The page "Write": what is sealed for whom, what is still on its way, and what should be sealed anew.
import { doing, el, find, get, mend, say, whenSent } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { told } from "../../client/refusals.js";
import { sizeOf } from "../../shown/items.js";
import { keptAt } from "./draft_of.js";
import { Draft } from "./kept.js";
import { locked, reveal } from "./pages.js";
import { offerCards } from "./people.js";
import { showChoice } from "./choosing.js";
import { sealAnew } from "./sealing.js";
import { type Posting, send, waiting } from "./sending.js";
import { boxed, quorumIn, SHARES } from "./sharing.js";

export async function writing(): Promise<void> {
  const me = await locked();
  if (!me) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("[data-anew]")) offerAnew(me, form);
  if (find('[data-form="card"]', HTMLFormElement)) await offerCards(me, "/write");
  reveal();
  await showWaiting(me);
  await showDrafts(me);
}

/** Words that were sealed and not sent to the end. */
async function showWaiting(me: Me): Promise<void> {
  const place = get("[data-waiting]", HTMLElement);
  for (const one of await waiting(me.handle)) place.append(waitingRow(me, one));
  place.hidden = place.childElementCount === 0;
}

function waitingRow(me: Me, one: Posting): HTMLElement {
  const made = el("section", { class: "banner lamp", "aria-label": "On its way" });
  const button = el("button", { type: "button" }, "Go on sending");
  const text = `Words for ${nameOf(one.recipient)} are sealed on this device and not at the host yet. The version before stays in force until they are.`;
  made.append(
    el("h2", {}, "Not sent to the end"),
    el("p", {}, text),
    el("p", { "data-status": true, role: "status" }),
    el("div", { class: "buttons" }, button),
  );
  button.addEventListener("click", () => {
    void doing(made, "Sending.", () => sendOn(me, one, made), told());
  });
  return made;
}

async function sendOn(me: Me, one: Posting, place: HTMLElement): Promise<void> {
  await send(me, one, (sent, all) => {
    say(place, `${sizeOf(sent)} of ${sizeOf(all)} sent, sealed before sending.`);
  });
  const draft = await Draft.of(me.handle, one.track, me.keys);
  if (((await keptAt(draft)) ?? 0) <= one.at) await draft.forget();
  location.reload();
}

function nameOf(handle: string): string {
  return document.querySelector(`[data-name-of="${handle}"]`)?.textContent ?? handle;
}

/** Where a draft is kept on this device, it says so. */
async function showDrafts(me: Me): Promise<void> {
  for (const place of document.querySelectorAll<HTMLElement>("[data-draft-of]")) {
    const draft = await Draft.of(me.handle, place.dataset["draftOf"] ?? "", me.keys);
    const at = await keptAt(draft);
    if (at === undefined) continue;
    const when = new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    place.textContent = `A draft is on this device, from ${when}.`;
    place.hidden = false;
  }
}

/** Let the same words be sealed with new keys, to the keepers whom the author leaves or puts on the list. */
function offerAnew(me: Me, form: HTMLFormElement): void {
  const track = form.dataset["anew"] ?? "";
  const folded = form.closest("details");
  let shown: Promise<void> | undefined;
  const show = (): void => {
    shown ??= showChoice(me, track, form);
    shown.catch((error: unknown) => {
      shown = undefined;
      mend(form, told()(error));
    });
  };
  if (folded?.open) show();
  folded?.addEventListener("toggle", () => {
    if (folded.open) show();
  });
  whenSent(form, () =>
    doing(form, "Opening your own copy, and sealing it anew.", () => anew(me, track, form), told(SHARES)),
  );
}

async function anew(me: Me, track: string, form: HTMLFormElement): Promise<void> {
  const wish = { quorum: quorumIn(form), shares: boxed(form) };
  await sendOn(me, await sealAnew(me, track, wish, () => undefined), form);
}
