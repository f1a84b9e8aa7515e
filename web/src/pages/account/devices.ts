// Adding this device: a passkey, or a new passphrase, each with a copy of the key that it opens.
import { put } from "../../client/api.js";
import { find, given, typed } from "../../client/dom.js";
import { recall, sealedToPasskey } from "../../client/keys.js";
import { canUse, make, type Place } from "../../client/passkey.js";
import type { PersonKeys } from "../../sealing/person.js";
import { Refused } from "../../signing/refusals.js";
import { form } from "./form.js";
import { offerPassphrase } from "./passphrase.js";

export async function devices(): Promise<void> {
  const keys = await recall(given("handle"));
  const needs = find("[data-needs-key]", HTMLElement);
  if (needs) needs.hidden = keys !== undefined;
  if (!keys) return;
  const passkey = form("passkey", {
    text: "Waiting for your passkey.",
    places: { here: "name" },
    work: async (shown) => {
      const place = new FormData(shown).get("place") as Place;
      const opens = await addPasskey(keys, typed(shown, "name") || "A passkey", place);
      if (opens) location.reload();
      else throw withoutPrf();
    },
  });
  const passphrase = form("passphrase", {
    text: "Drawing eight words.",
    work: () =>
      offerPassphrase(keys, () => {
        location.reload();
      }),
  });
  if (passkey) passkey.hidden = !canUse();
  if (passphrase) passphrase.hidden = false;
}

/** Make a passkey, and a copy of the key that it opens. Says whether it can open one. */
export async function addPasskey(keys: PersonKeys, name: string, place: Place): Promise<boolean> {
  const made = await make(name, place);
  if (!made.prf) return false;
  const sealed = await sealedToPasskey(keys, made.prf);
  await put("/me/locked-keys", { kind: "passkey", credential: made.credential, sealed });
  return true;
}

/** Told when a passkey was made that holds no secret of its own. */
export function withoutPrf(): Refused {
  return new Refused(
    "The passkey was made and signs you in, but this device gives it nothing that could open your key.",
    "Make a passphrase as well: it opens your key.",
  );
}
