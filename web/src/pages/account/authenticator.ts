// An authenticator: its secret is shown once, as a square and as letters, and kept by the host only when it was used.
import { post } from "../../client/api.js";
import { el, get, given, show, typed } from "../../client/dom.js";
import { fill, form } from "./form.js";
import { square } from "./picture.js";

export function authenticator(): void {
  let ticket = "";
  form("begin", {
    text: "Making a secret.",
    work: async () => {
      const made = await post<{ secret: string; address: string; ticket: string }>("/me/authenticator/asked");
      ticket = made.ticket;
      show("confirm");
      const picture = square(made.address, `A square for the authenticator, for ${given("house")}`);
      get("[data-picture]", HTMLElement).replaceChildren(picture);
      fill("secret", made.secret.replace(/(.{4})(?=.)/g, "$1 "));
    },
  });
  form("confirm", {
    text: "Looking at the number.",
    places: { typed_code_refused: "code", malformed: "code" },
    work: async (shown) => {
      const place = new FormData(shown).get("place");
      await post("/me/authenticator", { ticket, code: typed(shown, "code"), place });
      location.reload();
    },
  });
  form("codes", {
    text: "Making ten codes.",
    work: async () => {
      const { codes } = await post<{ codes: string[] }>("/me/recovery-codes");
      get("[data-code-list]", HTMLElement).replaceChildren(...codes.map((code) => el("li", {}, code)));
      get("[data-codes]", HTMLElement).hidden = false;
    },
  });
}
