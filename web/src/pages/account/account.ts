// The account's own page: the eight words that others compare, and signing out, which locks the key of this tab as well.
import { get, given } from "../../client/dom.js";
import { CHANGED, lock, recall } from "../../client/keys.js";
import { EFF_LARGE } from "../../signing/fingerprints.js";
import { fetchList } from "../../signing/lists.js";

export async function account(): Promise<void> {
  const form = get('[data-form="sign-out"]', HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void lock().finally(() => {
      form.submit();
    });
  });
  document.addEventListener(CHANGED, () => void showOwnWords());
  await showOwnWords();
}

/** From the open key itself: words that the host named would prove nothing to whoever compares them. */
async function showOwnWords(): Promise<void> {
  const keys = await recall(given("handle"));
  get("[data-needs-key]", HTMLElement).hidden = keys !== undefined;
  const place = get("[data-own-words]", HTMLElement);
  place.hidden = keys === undefined;
  if (!keys) return;
  await fetchList(EFF_LARGE);
  place.textContent = keys.public.eightWords.join(" ");
}
