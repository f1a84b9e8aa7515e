// Twin of src/lastwords/sealing/refusals.py: what sealing refuses; the tree of signing's refusals goes on here.
import { Refused } from "../signing/refusals.js";

/** Keys that may not seal one file together. */
export class KeysRefused extends Refused {}

/** The root of all refusals of a sealed file. */
export class SealedFileRefused extends Refused {}

/** The text form of a sealed file is malformed. */
export class ArmourRefused extends SealedFileRefused {}

/** The head of a sealed file is malformed. */
export class HeaderRefused extends SealedFileRefused {}

/** The head of a sealed file was altered after sealing. */
export class HeaderForged extends SealedFileRefused {}

/** None of the keys opens the file. */
export class NoKeyFits extends SealedFileRefused {}

/** The contents of a sealed file are cut off or altered. */
export class PayloadRefused extends SealedFileRefused {}

/** What was opened is not a container of words. */
export class ContainerRefused extends Refused {}

/** The root of all refusals of a share. */
export class ShareRefused extends Refused {}

/** A word of a share is unknown, missing or wrong. */
export class ShareMistyped extends ShareRefused {}

/** A good share of another secret, or of an earlier split. */
export class ShareOfAnotherSplit extends ShareRefused {}

/** A well-formed share that is not the one the author committed to. */
export class FalseShare extends ShareRefused {}

/** A share that was given already. */
export class DuplicateShare extends ShareRefused {}

/** Fewer good shares than the author asked for. */
export class TooFewShares extends ShareRefused {}

/** Enough shares, but they do not give the secret that was split. */
export class SecretNotRecovered extends ShareRefused {}

/** A file or a share does not fit the manifest. */
export class ManifestRefused extends Refused {}

/** An invitation, or the answer to one, does not fit. */
export class InvitationRefused extends Refused {}

/** Emergency notes, or their cover, are not what the author signed for, or too large. */
export class NotesRefused extends Refused {}
