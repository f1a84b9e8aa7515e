// Twin of src/lastwords/signing/new_keys.py: somebody has new keys, on their old key's word or on a keeper's by voice.
import { type DocumentOf, kindOf, type Signed } from "./documents.js";
import { digest, identifier, moment, oneOf, refuse } from "./shapes.js";

export const BY_OLD_KEY = "old key";
export const BY_VOICE = "voice";

/** `before` is the fingerprint of the old signing key; the three others are those of the new keys. */
export type NewKeys = DocumentOf<typeof NewKeys>;
export const NewKeys = kindOf(
  "new-keys",
  {
    person: identifier,
    before: digest,
    sealing: digest,
    signing: digest,
    sign_in: digest,
    voucher: identifier,
    by: oneOf(BY_OLD_KEY, BY_VOICE),
    moment,
  },
  (said) => {
    if ((said.by === BY_OLD_KEY) !== (said.voucher === said.person)) {
      throw refuse("new-keys.voucher", "the person with their old key, or somebody else by voice");
    }
    if (new Set([said.before, said.sealing, said.signing, said.sign_in]).size !== 4) {
      throw refuse("new-keys.signing", "keys of which each is another");
    }
  },
);

/** Whether these words, one after the other, lead from the signing key `before` of this person to `after`. */
export function leads(
  words: readonly Signed<NewKeys>[],
  person: string,
  before: string,
  after: string,
): boolean {
  let key = before;
  for (const word of words) {
    const said = word.document;
    if (said.person !== person || said.before !== key) return false;
    if (said.by === BY_OLD_KEY && word.signer !== key) return false;
    key = said.signing;
  }
  return key === after;
}
