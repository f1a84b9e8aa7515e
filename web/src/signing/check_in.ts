// Twin of src/lastwords/signing/check_in.py: the author's own key says "I am here" to one host, once, at a moment.
import * as canonical from "./canonical.js";
import { type DocumentOf, kindOf } from "./documents.js";
import type { ManifestHead } from "./manifest.js";
import { count, digest, identifier, moment, text } from "./shapes.js";

/** A sign of life. `host` is the host's name as the author joined it; `counter` rises with each check-in. */
export type CheckIn = DocumentOf<typeof CheckIn>;
export const CheckIn = kindOf("check-in", {
  host: text(255),
  author: identifier,
  moment,
  counter: count(1),
  heads: digest,
});

/** Return the digest of the newest manifests: SHA-256 of their canonical list in the order of their tracks. */
export function headsDigest(heads: Iterable<ManifestHead>): string {
  const ordered = [...heads].sort((one, other) =>
    one.track < other.track ? -1 : one.track > other.track ? 1 : 0,
  );
  return canonical.digest(canonical.encode(ordered));
}
