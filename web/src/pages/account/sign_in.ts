// Signing in, and for somebody who is signed in: opening their key, or showing that it is still they.
import { post, useFormToken } from "../../client/api.js";
import { given, show, typed } from "../../client/dom.js";
import { answered, fromPaper, fromPasskey, fromPassphrase, keep, recall } from "../../client/keys.js";
import { canUse, use } from "../../client/passkey.js";
import { pin } from "../../client/pins.js";
import type { PersonKeys } from "../../sealing/person.js";
import { Refused } from "../../signing/refusals.js";
import { form } from "./form.js";
import { offerCamera } from "./camera.js";

export function signIn(): void {
  const passkey = form("passkey", { text: "Waiting for your passkey.", work: byPasskey });
  if (passkey && !canUse()) passkey.hidden = true;
  form("passphrase", {
    text: "Opening your key. This takes a few seconds.",
    places: { here: "passphrase", sign_in_refused: "handle" },
    work: async (shown) => {
      const handle = given("handle") || needed(typed(shown, "handle").toLowerCase(), "Enter your handle.");
      const passphrase = needed(typed(shown, "passphrase"), "Enter your passphrase.");
      await comeIn(handle, await fromPassphrase(handle, passphrase));
    },
  });
  const paper = form("paper", {
    text: "Opening your key.",
    places: { here: "paper", sign_in_refused: "paper-handle" },
    work: byPaper,
  });
  if (paper) offerCamera(paper, "paper");
  form("number", {
    text: "Looking at the number.",
    places: { typed_code_refused: "number" },
    work: async (shown) => {
      await post("/me/proof", { code: needed(typed(shown, "number"), "Enter the number.") });
      goOn();
    },
  });
}

async function byPasskey(): Promise<void> {
  const used = await use();
  if (used.prf && used.sealed) {
    await keep(used.handle, await fromPasskey(used.prf, used.sealed));
    goOn();
  } else if (await recall(used.handle)) {
    goOn();
  } else {
    show("still-locked");
  }
}

async function byPaper(shown: HTMLFormElement): Promise<void> {
  const text = needed(typed(shown, "paper"), "Enter the words on the paper.");
  const keys = await fromPaper(text);
  const handle = given("handle") || typed(shown, "paper-handle").toLowerCase() || line(text, "Handle");
  await comeIn(needed(handle, "Enter the handle that stands on the paper, beside “Handle”."), keys);
}

/** Sign in with the key itself; what the paper says of its author is remembered for when their words are opened. */
async function comeIn(handle: string, keys: PersonKeys): Promise<void> {
  const signed = await post<{ handle: string; form_token: string }>(
    "/page-sessions",
    await answered(handle, keys),
  );
  useFormToken(signed.form_token);
  const text = document.querySelector<HTMLTextAreaElement>('[name="paper"]')?.value ?? "";
  const author = line(text, "Author");
  const signing = line(text, "Author's fingerprint");
  if (author && /^[0-9a-f]{64}$/.test(signing)) pin(handle, author, { signing, how: "card" });
  await keep(signed.handle, keys);
  goOn();
}

/** One of the lines of a card, such as "Handle: ana". */
function line(text: string, label: string): string {
  return new RegExp(`^${label}: (.+)$`, "m").exec(text)?.[1]?.trim() ?? "";
}

function needed(text: string, otherwise: string): string {
  if (text) return text;
  throw new Refused("Something is missing, and nothing was sent.", otherwise);
}

function goOn(): void {
  const back = given("back");
  location.assign(back ? `/enter?next=${encodeURIComponent(back)}` : "/enter");
}
