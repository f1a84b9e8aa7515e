// Twin of src/lastwords/sealing/receipts.py: the share opened here, and it is the one the author committed to.
import { sign, type Signed } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import { type Manifest, type RosterSeat, seatOf, WISHES, WORDS } from "../signing/manifest.js";
import { Receipt } from "../signing/receipt.js";
import type { PersonKeys } from "./person.js";
import { ManifestRefused } from "./refusals.js";
import { openShare } from "./shares.js";

/**
 * Open a keeper's sealed shares, compare them with the manifest, and sign that they open.
 *
 * The keeper's own two keys must be the ones of the roster, or a server could have put other keys in their place.
 * `place` is given for a keeper to whom a place was handed: its name, index and commitments are those of the roster,
 * its keys the successor's. Throws ManifestRefused, the SealedFileRefused and the ShareRefused families; then nothing
 * is signed.
 */
export async function makeReceipt(
  keeperId: string,
  keeper: PersonKeys,
  manifest: Signed<Manifest>,
  wordsShare: Uint8Array,
  wishesShare: Uint8Array | undefined,
  purpose: Receipt["purpose"],
  moment: string,
  place?: RosterSeat,
): Promise<Signed<Receipt>> {
  const document = manifest.document;
  const seat = place ?? seatOf(document, keeperId);
  if (seat.sealing !== fingerprint(keeper.publicKey) || seat.signing !== keeper.signing.public.fingerprint) {
    throw new ManifestRefused(
      `The manifest names other keys for ${keeperId} than the ones held here. Nothing was signed.`,
      "Call the author and compare the eight words; somebody may have put their own key in your place.",
    );
  }
  if ((wishesShare === undefined) !== (seat.wishes_share === null)) {
    throw new ManifestRefused(
      "The share of the wishes is missing, or there should be none. Nothing was signed.",
      "Fetch both shares of the newest manifest.",
    );
  }
  const words = await openShare(wordsShare, keeper, document, seat.keeper, WORDS);
  const wishes = wishesShare && (await openShare(wishesShare, keeper, document, seat.keeper, WISHES));
  const receipt: Receipt = {
    keeper: keeperId,
    author: document.author,
    track: document.track,
    number: document.number,
    manifest: manifest.digest,
    purpose,
    words_share: words.commitment,
    wishes_share: wishes?.commitment ?? null,
    moment,
  };
  return sign(Receipt, receipt, keeper.signing);
}
