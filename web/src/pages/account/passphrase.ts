// A generated passphrase: drawn here, written down by the person, proven by one word, and only then kept (as a sealed
// copy of the key; the words themselves go nowhere).
import { put } from "../../client/api.js";
import { get, show, typed } from "../../client/dom.js";
import { below, newPassphrase, plain, sealedUnderPassphrase } from "../../client/keys.js";
import type { PersonKeys } from "../../sealing/person.js";
import { BadKey } from "../../signing/refusals.js";
import { fill, form } from "./form.js";

/** Show a new passphrase, and keep the key under it once one of its words was typed back; then go on with `done`. */
export async function offerPassphrase(keys: PersonKeys, done: () => void): Promise<void> {
  const passphrase = await newPassphrase();
  const words = passphrase.split(" ");
  const asked = below(words.length);
  show("passphrase");
  fill("passphrase", words.map((word, at) => `${at + 1}. ${word}`).join("\n"));
  fill("which", `word ${asked + 1}`);
  const sealed = sealedUnderPassphrase(keys, passphrase);
  form("passphrase-kept", {
    text: "Sealing your key under the passphrase. This takes a few seconds.",
    places: { here: "word" },
    work: async (shown) => {
      if (plain(typed(shown, "word")) !== plain(words[asked] ?? "")) {
        throw new BadKey(
          `Word ${asked + 1} is another one. Nothing was kept yet.`,
          "Look at what you wrote down, and correct it there or here.",
        );
      }
      await put("/me/locked-keys", { kind: "passphrase", credential: "", sealed: await sealed });
      get("[data-passphrase]", HTMLElement).replaceChildren();
      done();
    },
  });
}
