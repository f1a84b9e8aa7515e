// The account's own page: signing out locks the key of this tab as well.
import { get } from "../../client/dom.js";
import { lock } from "../../client/keys.js";

export function account(): void {
  const form = get('[data-form="sign-out"]', HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void lock().finally(() => {
      form.submit();
    });
  });
}
