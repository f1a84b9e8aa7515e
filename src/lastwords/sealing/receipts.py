"""A keeper's receipt: the share opened here, and it is the one the author committed to."""

from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import ManifestRefused
from lastwords.sealing.shares import open_share
from lastwords.signing.documents import Signed, sign
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import WISHES, WORDS, Manifest, RosterSeat
from lastwords.signing.receipt import Receipt


def make_receipt(
    keeper_id: str,
    keeper: PersonKeys,
    manifest: Signed[Manifest],
    words_share: bytes,
    wishes_share: bytes | None,
    purpose: str,
    moment: str,
    place: RosterSeat | None = None,
) -> Signed[Receipt]:
    """Open a keeper's sealed shares, compare them with the manifest, and sign that they open.

    `purpose` is `arming` or `practice`, `moment` an instant in UTC. The keeper's own two keys must be the ones of the
    roster, or a server could have put other keys in their place. `place` is given for a keeper to whom a place was
    handed: its name, index and commitments are those of the roster, its keys the successor's. Raises ManifestRefused,
    the SealedFileRefused and the ShareRefused families; then nothing is signed.
    """
    document = manifest.document
    seat = place or document.seat(keeper_id)
    if (seat.sealing, seat.signing) != (fingerprint(keeper.public_key), keeper.signing.public.fingerprint):
        raise ManifestRefused(
            f"The manifest names other keys for {keeper_id} than the ones held here. Nothing was signed.",
            "Call the author and compare the eight words; somebody may have put their own key in your place.",
        )
    if (wishes_share is None) != (seat.wishes_share is None):
        raise ManifestRefused(
            "The share of the wishes is missing, or there should be none. Nothing was signed.",
            "Fetch both shares of the newest manifest.",
        )
    words = open_share(words_share, keeper, document, seat.keeper, WORDS)
    wishes = open_share(wishes_share, keeper, document, seat.keeper, WISHES) if wishes_share else None
    receipt = Receipt(
        keeper=keeper_id,
        author=document.author,
        track=document.track,
        number=document.number,
        manifest=manifest.digest,
        purpose=purpose,
        words_share=words.commitment,
        wishes_share=wishes.commitment if wishes else None,
        moment=moment,
    )
    return sign(receipt, keeper.signing)
