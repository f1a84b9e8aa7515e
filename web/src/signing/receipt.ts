// Twin of src/lastwords/signing/receipt.py: a keeper proves that their share opens and is the promised one.
import { type DocumentOf, kindOf, type Signed } from "./documents.js";
import { type Manifest, seatOf } from "./manifest.js";
import { NotLinked } from "./refusals.js";
import { count, digest, identifier, moment, oneOf, orNone } from "./shapes.js";

export const ARMING = "arming";
export const PRACTICE = "practice";

/** `manifest` is the digest of the manifest the shares were checked against, `number` its number. */
export type Receipt = DocumentOf<typeof Receipt>;
export const Receipt = kindOf("receipt", {
  keeper: identifier,
  author: identifier,
  track: identifier,
  number: count(1),
  manifest: digest,
  purpose: oneOf(ARMING, PRACTICE),
  words_share: digest,
  wishes_share: orNone(digest),
  moment,
});

/**
 * Return if the receipt acknowledges the shares that this manifest gives its keeper.
 *
 * Throws WrongShape if the keeper has no seat in it, and NotLinked if it speaks of another manifest or other shares.
 */
export function checkFits(receipt: Receipt, manifest: Signed<Manifest>): void {
  const document = manifest.document;
  const seat = seatOf(document, receipt.keeper);
  const fits =
    receipt.author === document.author &&
    receipt.track === document.track &&
    receipt.number === document.number &&
    receipt.manifest === manifest.digest &&
    receipt.words_share === seat.words_share &&
    receipt.wishes_share === seat.wishes_share;
  if (!fits) {
    throw new NotLinked(
      `The receipt of ${receipt.keeper} speaks of another manifest or of other shares. It was not recorded.`,
      "Let the keeper open the share of the newest manifest and send a new receipt.",
    );
  }
}
