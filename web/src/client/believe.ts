// Believing a key by voice: somebody reads the eight words of their own key, and they are typed here.
import { PublicKeys } from "../sealing/person.js";
import { EFF_LARGE, fingerprint } from "../signing/fingerprints.js";
import { fetchList } from "../signing/lists.js";
import { Refused } from "../signing/refusals.js";
import { part, read } from "./api.js";
import type { Me, Shown } from "./me.js";

/** The eight words that were typed, however they were separated. Throws Refused for another number of them. */
export function eightTyped(said: string): string {
  const words = said.toLowerCase().match(/[a-z]+(?:-[a-z]+)*/g) ?? [];
  if (words.length === 8) return words.join(" ");
  throw new Refused(
    `There are eight words, and here are ${words.length}. Nothing was signed.`,
    "Type all of them, as they stand on the page of the person whose keys they are.",
  );
}

/** The eight words by which somebody's keys are compared by voice. */
export async function eightWordsOf(keys: PublicKeys): Promise<string> {
  await fetchList(EFF_LARGE);
  return keys.eightWords.join(" ");
}

/**
 * The keys that the host shows for somebody, pinned, if they are those whose eight words were read aloud: new keys take
 * the place of the ones that were known, which are believed no more. Throws Refused.
 */
export async function believed(me: Me, handle: string, said: string): Promise<PublicKeys> {
  const words = eightTyped(said);
  const shown = await read<Shown & Record<string, unknown>>(`/people/${part(handle)}`);
  const keys = new PublicKeys(shown.public_key, shown.signing_key, shown.sign_in_key);
  if ((await eightWordsOf(keys)) !== words) {
    // Which words they ought to be is not said: then nobody could be talked into typing them.
    throw new Refused(
      "These are not the eight words of the key that this host shows for them. Nothing was signed.",
      "Let them read the words once more. If they differ again, tell whoever runs the host, and verify nobody by it.",
    );
  }
  const { sealing: public_key, signing: signing_key, signingFingerprint: signing } = keys;
  const known = me.pins.person(handle);
  const pin = { signing, how: "voice", public_key, signing_key };
  if (!known || known.signing === signing) await me.pins.keep(handle, pin);
  else await me.pins.replace(handle, pin, known.signing_key ?? (await before(handle, known.signing)));
  return keys;
}

/** The text of a signing key that somebody had before, by its fingerprint. */
async function before(handle: string, signing: string): Promise<string | undefined> {
  const { followed } = await read<{ followed: { signing_key: string }[] }>(
    `/people/${part(handle)}/new-keys`,
  );
  return followed.map((one) => one.signing_key).find((one) => fingerprint(one) === signing);
}
