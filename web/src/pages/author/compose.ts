// Writing for one person: the page, recordings and files, the note on the envelope, a check page, and Seal.
import { Refusal } from "../../client/api.js";
import { doing, find, get, given, mend, show, whenSent } from "../../client/dom.js";
import { CHANGED, recall } from "../../client/keys.js";
import { told } from "../../client/refusals.js";
import type { Opened } from "../../sealing/container.js";
import { hasWishes, KEEPERS_ONLY, WISHES, WORDS } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { freeName } from "./attached.js";
import { check } from "./checking.js";
import { add, addFiles, type Desk, giveUp, keepNoMore, keepNow, keepSoon, lay, saved } from "./desk.js";
import { fromSealed, nothing, restore } from "./draft_of.js";
import { sealIt } from "./finishing.js";
import { Draft } from "./kept.js";
import { listen, locked } from "./pages.js";
import { offerRecorder } from "./recording.js";
import { showChoice, showHolders } from "./choosing.js";
import { inForce, openOwn, takeBack } from "./sealing.js";
import { SHARES } from "./sharing.js";

export async function compose(): Promise<void> {
  const me = await locked();
  if (!me) return;
  const track = given("track");
  const draft = await Draft.of(me.handle, track, me.keys);
  const name = given("recipient-name");
  const desk: Desk = { me, draft, track, name, written: nothing(), changed: false, elsewhere: false };
  await draft.hold(() => void giveUp(desk));
  attend(desk);
  const start = get('[data-step="start"]', HTMLElement);
  await doing(start, "Looking for what is here.", () => begin(desk), told());
}

/** Show what there is: a draft of this device, sealed words, or an empty page. */
async function begin(desk: Desk): Promise<void> {
  await showWay(desk);
  const kept = await restore(desk.draft, () => stillSealed(desk));
  if (kept) {
    const since = await sealedSince(desk, kept.at);
    lay(desk, kept.written);
    const lost = kept.lost.length > 0 ? ` Choose these files once more: ${kept.lost.join(", ")}.` : "";
    show("write");
    saved(`Your draft is here again, as it was kept on this device.${since}${lost}`);
  } else if (given("sealed") === "yes") {
    show("sealed");
  } else {
    lay(desk, nothing());
    show("write");
  }
}

/** The way in force stays what it is, unless the author chooses another. */
async function showWay({ me, track }: Desk): Promise<void> {
  const box = find('[name="keepers-only"]', HTMLInputElement);
  if (!box) return;
  const form = get('[data-form="write"]', HTMLFormElement);
  await showChoice(me, track, form);
  get('[name="adult"]', HTMLSelectElement, form).addEventListener("change", () => {
    showHolders(me, track, form).catch((error: unknown) => {
      mend(form, told()(error));
    });
  });
  if (given("sealed") !== "yes") return;
  const { manifest } = await inForce(me, track);
  box.checked = manifest.document.mode === KEEPERS_ONLY;
}

/** One's own copy, for what a draft had of it; nothing where it was taken back or sealed anew elsewhere since. */
async function stillSealed({ me, track }: Desk): Promise<Opened | undefined> {
  try {
    return await openOwn(me, await inForce(me, track), WORDS);
  } catch (error) {
    // A line that broke is another matter: the page is loaded again, and everything is there.
    if (!(error instanceof Refused) || (error instanceof Refusal && error.status !== 404)) throw error;
    return undefined;
  }
}

/** What is said where a version was sealed after the draft was kept, on another device perhaps. */
async function sealedSince({ me, track }: Desk, at = Infinity): Promise<string> {
  if (given("sealed") !== "yes") return "";
  const { made, number } = (await inForce(me, track)).manifest.document;
  if (Date.parse(made) <= at) return "";
  return ` Version ${number} was sealed after that: to begin from it, throw this draft away.`;
}

// What a person does.

function attend(desk: Desk): void {
  listen({
    anew: () => {
      lay(desk, nothing());
      show("write");
    },
    read: () =>
      doing(get('[data-step="sealed"]', HTMLElement), "Opening your own copy.", () => readOwn(desk), told()),
    "throw-away": () => throwAway(desk),
    "ask-back": () => show("take-back"),
    "keep-it": () => show("sealed"),
    back: () => show("write"),
  });
  answer("write", "Getting ready.", () => check(desk));
  answer("seal", "Sealing.", (form) => sealIt(desk, form));
  answer("take-back", "Signing.", () => takeItBack(desk));
  const form = get('[data-form="write"]', HTMLFormElement);
  form.addEventListener("input", () => {
    keepSoon(desk);
  });
  get('[name="files"]', HTMLInputElement).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) addFiles(desk, target);
  });
  offerRecorder({
    draft: desk.draft,
    name: (wished) => freeName(wished, desk.written.attached),
    recorded: (one) => {
      add(desk, one);
    },
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void keepNow(desk);
  });
  // Locking the key leaves nothing readable on the screen either; the draft is kept first.
  document.addEventListener(CHANGED, () => {
    void recall(desk.me.handle).then(async (keys) => {
      if (keys) return;
      await keepNow(desk);
      location.reload();
    });
  });
}

function answer(name: string, text: string, work: (form: HTMLFormElement) => Promise<void>): void {
  const form = find(`[data-form="${name}"]`, HTMLFormElement);
  whenSent(form, (form) => doing(form, text, () => work(form), told({ here: "letter", ...SHARES })));
}

async function readOwn(desk: Desk): Promise<void> {
  const old = await inForce(desk.me, desk.track);
  const words = await openOwn(desk.me, old, WORDS);
  const wishes = hasWishes(old.manifest.document) ? await openOwn(desk.me, old, WISHES) : undefined;
  lay(desk, await fromSealed(words, wishes));
  show("write");
}

async function throwAway(desk: Desk): Promise<void> {
  keepNoMore(desk);
  await desk.draft.forget();
  location.reload();
}

async function takeItBack({ me, track, draft }: Desk): Promise<void> {
  await takeBack(me, track);
  await draft.forget();
  location.assign("/write");
}
