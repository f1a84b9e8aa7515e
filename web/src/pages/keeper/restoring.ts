// Signing that a suspended seat may count again: asked for in a case, and where the notes were opened.
import { part, post } from "../../client/api.js";
import { given } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { KEEPER } from "../../signing/act.js";
import type { Checked } from "./checked.js";

export const BY_QUORUM = "It takes effect once a quorum of you has signed it.";

export function restoring(keeper: string, name: string): Checked {
  const author = given("author");
  return {
    title: "Look at it once more before you sign",
    rows: [["You sign", `The seat of ${name} may count again.`]],
    note: `Speak with ${name} first, by voice: somebody else may have had their key.`,
    button: "Sign it",
    busy: "Signing.",
    work: async () => {
      const me = await Me.here();
      const document = me.signAct("restore seat", author, KEEPER, { subject: keeper });
      await post(`/watches/${part(author)}/keepers/${part(keeper)}/restore`, { document });
      return { title: `You signed that ${name} may count again`, lines: [BY_QUORUM] };
    },
  };
}
