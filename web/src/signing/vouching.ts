// Twin of src/lastwords/signing/vouching.py: the author vouches for a keeper's three keys.
import { type DocumentOf, kindOf } from "./documents.js";
import { digest, identifier, moment, oneOf } from "./shapes.js";

export const BY_INVITATION = "invitation";
export const BY_VOICE = "voice";

/** Fingerprints of the keeper's sealing, signing and sign-in keys, and how the author made sure of them. */
export type Vouching = DocumentOf<typeof Vouching>;
export const Vouching = kindOf("vouching", {
  author: identifier,
  keeper: identifier,
  sealing: digest,
  signing: digest,
  sign_in: digest,
  by: oneOf(BY_INVITATION, BY_VOICE),
  moment,
});
