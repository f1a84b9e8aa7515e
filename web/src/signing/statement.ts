// Twin of src/lastwords/signing/statement.py: a keeper's statement, bound to what the keeper saw when making it.
import { type DocumentOf, kindOf } from "./documents.js";
import { CANNOT_ACT, DIED, headFields, PARTS } from "./manifest.js";
import {
  count,
  digest,
  identifier,
  many,
  moment,
  oneOf,
  orNone,
  type Read,
  record,
  refuse,
} from "./shapes.js";

export const SPOKEN_WITH = "spoken with";
export const COULD_NOT_FIND_OUT = "could not find out";
export const FINDINGS = [SPOKEN_WITH, DIED, CANNOT_ACT, COULD_NOT_FIND_OUT] as const;
/** The findings with which a share may be given. */
export const GIVING: readonly string[] = [DIED, CANNOT_ACT];

export const EVIDENCE = ["rumour", "own sight", "named official", "document seen", "register"] as const;

export const MOST_TRACKS = 256;

const givenFields = {
  track: identifier,
  part: oneOf(...PARTS),
  sha256: digest,
  sealed_to: digest,
  covered_to: many(digest, 64),
};
/** A share given with a statement: of which track and part, the hash of the covered file, and its keys. */
export type GivenShare = Read<typeof givenFields>;

/** What a keeper found out. `free_text` is the hash of a file sealed to the keepers; the server cannot read it. */
export type Statement = DocumentOf<typeof Statement>;
export const Statement = kindOf(
  "statement",
  {
    keeper: identifier,
    author: identifier,
    case: identifier,
    epoch: count(0),
    plan_version: count(1),
    finding: oneOf(...FINDINGS),
    evidence: oneOf(...EVIDENCE),
    manifests: many(record(headFields), MOST_TRACKS),
    given: many(record(givenFields), 2 * MOST_TRACKS),
    moment,
    free_text: orNone(digest),
  },
  (statement) => {
    const tracks = statement.manifests.map((head) => head.track);
    if (new Set(tracks).size !== tracks.length) throw refuse("statement.manifests", "one for each track");
    if (statement.given.length > 0 && !GIVING.includes(statement.finding)) {
      throw refuse("statement.given", "empty unless the finding is died or cannot act");
    }
    const places = statement.given.map((share) => `${share.track} ${share.part}`);
    if (new Set(places).size !== places.length) {
      throw refuse("statement.given", "one share for each track and part");
    }
    for (const share of statement.given) {
      if (!tracks.includes(share.track)) {
        throw refuse("statement.given", "shares of tracks whose manifest it names");
      }
      if (share.covered_to.length === 0 || new Set(share.covered_to).size !== share.covered_to.length) {
        throw refuse("statement.given.covered_to", "at least one key, none of them twice");
      }
      if (share.covered_to.includes(share.sealed_to)) {
        throw refuse("statement.given.covered_to", "without the key of the recipient");
      }
    }
  },
);
