// Twin of src/lastwords/signing/plan_terms.py: the author freezes a plan by the digest of its terms.
import { type DocumentOf, kindOf } from "./documents.js";
import { count, digest, identifier, moment } from "./shapes.js";

/** `terms` is the SHA-256 of the canonical JSON of the plan's terms; `plan_version` rises with each arming. */
export type PlanTerms = DocumentOf<typeof PlanTerms>;
export const PlanTerms = kindOf("plan-terms", {
  author: identifier,
  plan_version: count(1),
  terms: digest,
  moment,
});
