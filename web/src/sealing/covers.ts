// Twin of src/lastwords/sealing/covers.py: the two covers of a share that a keeper gives.
import { type Bytes, concat, utf8 } from "../signing/bytes.js";
import { digest } from "../signing/canonical.js";
import { fingerprint } from "../signing/fingerprints.js";
import type { Manifest } from "../signing/manifest.js";
import type { GivenShare } from "../signing/statement.js";
import { openBytes, sealBytes } from "./age/files.js";
import type { PersonKeys } from "./person.js";
import { KeysRefused, PayloadRefused } from "./refusals.js";
import { ShareFile } from "./shares.js";

/** A covered share, and what the keeper's statement says of it. */
export interface Given {
  readonly data: Bytes;
  readonly record: GivenShare;
}

/** What a share is given for: whose words, which track and part of them, and the number of the case. */
export interface GivenFor {
  readonly author: string;
  readonly track: string;
  readonly part: string;
  readonly case: string;
}

/** The first line under the outer cover. */
function lineOf(given: GivenFor): Bytes {
  return utf8(`lastwords/v1/cover ${given.author} ${given.track} ${given.part} ${given.case}\n`);
}

/**
 * Put both covers on a share: `recipientPublicKey` inside, all `coverPublicKeys` outside, for this case.
 *
 * Where the words have an inner lock, the recipient's key must be the one of the manifest; where they have none, it is
 * a claim key whose eight words the keeper has heard by voice. Throws KeysRefused.
 */
export async function give(
  share: ShareFile,
  manifest: Manifest,
  recipientPublicKey: string,
  coverPublicKeys: readonly string[],
  inCase: string,
): Promise<Given> {
  const sealedTo = fingerprint(recipientPublicKey);
  if (manifest.recipient_key !== null && manifest.recipient_key !== sealedTo) {
    throw refused(
      "The key given for the recipient is not the one these words are sealed to",
      "Ask the recipient to compare the eight words of their key with the author's roster.",
    );
  }
  const coveredTo = coverPublicKeys.map(fingerprint);
  if (coveredTo.includes(sealedTo) || new Set(coveredTo).size !== coveredTo.length) {
    throw refused(
      "The recipient may not hold the key of the outer cover, and nobody twice",
      "Name the keepers who do not receive these words, each once.",
    );
  }
  const line = lineOf({ author: manifest.author, track: share.track, part: share.part, case: inCase });
  const inner = await sealBytes(share.encode(), [recipientPublicKey]);
  const data = await sealBytes(concat(line, inner), coverPublicKeys);
  return {
    data,
    record: {
      track: share.track,
      part: share.part,
      sha256: digest(data),
      sealed_to: sealedTo,
      covered_to: coveredTo,
    },
  };
}

/**
 * Take off the outer cover with a keeper's key; what comes out opens with the recipient's key alone.
 *
 * Throws the SealedFileRefused family, PayloadRefused for a share that was given for anything else.
 */
export async function takeOff(data: Uint8Array, keeper: PersonKeys, givenFor: GivenFor): Promise<Bytes> {
  const opened = await openBytes(data, [keeper.secretKey]);
  const line = lineOf(givenFor);
  if (line.every((byte, at) => opened[at] === byte)) return opened.slice(line.length);
  throw new PayloadRefused(
    `Under this cover lies no share that was given for ${givenFor.track} in case ${givenFor.case}. It stays covered.`,
    "Ask its keeper to give their share of these words again.",
  );
}

/** Open a share whose outer cover is off. Check it with `sortShares` before using it. */
export async function openGiven(data: Uint8Array, recipientSecretKey: string): Promise<ShareFile> {
  return ShareFile.read(await openBytes(data, [recipientSecretKey]));
}

function refused(happened: string, what: string): KeysRefused {
  return new KeysRefused(`${happened}. No share was given.`, what);
}
