// Sealing what was checked, sending it, and saying what holds from now on.
import { every, get, say, show } from "../../client/dom.js";
import { Refused } from "../../signing/refusals.js";
import { sizeOf } from "../../shown/items.js";
import { contentOf, lengthOf } from "./checking.js";
import { type Desk, mustBeHere } from "./desk.js";
import { keptAt } from "./draft_of.js";
import { type Content, keysStay, seal, type Way } from "./sealing.js";
import { send } from "./sending.js";

export async function sealIt(desk: Desk, form: HTMLFormElement): Promise<void> {
  const { me, way } = desk;
  mustBeHere(desk);
  const begun = Date.now();
  if (!way) throw new Refused("The page was not checked yet.", "Go back and check it again.");
  const content = contentOf(desk.written);
  const total = content.words.reduce((sum, { content: data }) => sum + lengthOf(data), 0);
  let done = 0;
  const step = every(10);
  const posting = await seal(me, way, content, (bytes) => {
    done += bytes;
    if (step(done, total)) say(form, `Sealing: ${sizeOf(Math.min(done, total))} of ${sizeOf(total)}.`);
  });
  const next = every(10);
  const signed = await send(me, posting, (sent, all) => {
    if (next(sent, all)) {
      const passed = `${sizeOf(sent)} of ${sizeOf(all)} sent, sealed before sending.`;
      say(form, `${passed} You may close this page and continue later.`);
    }
  });
  // What another tab has kept since then is something else, and not sealed.
  if (((await keptAt(desk.draft)) ?? 0) <= begun) await desk.draft.forget();
  const { number } = signed.document;
  get("[data-done]", HTMLElement).textContent = `Sealed for ${desk.name}`;
  get("[data-done-more]", HTMLElement).textContent = doneMore(way, content, number);
  show("done");
}

function doneMore(way: Way, content: Content, number: number): string {
  const kept = `This is version ${number}, and the only one that can ever be given.`;
  if (way.keepersToCome)
    return `${kept} When enough keepers are verified, put their lock on it: the page “Write” reminds you.`;
  if (way.track.keepers.length === 0 || keysStay(way, content)) return kept;
  return `${kept} Any ${way.track.k} of your keepers together can let it go. Each of them now proves that their share opens.`;
}
