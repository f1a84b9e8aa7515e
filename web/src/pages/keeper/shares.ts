// Twin of src/lastwords/cli/shares.py: a keeper opens their own shares and says so with a receipt; nobody else can.
import { part, post } from "../../client/api.js";
import { doing, el, get, given, show, whenSent } from "../../client/dom.js";
import { Me, now } from "../../client/me.js";
import { unlocked } from "../../client/unlocked.js";
import { makeReceipt } from "../../sealing/receipts.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { fromUtf8 } from "../../signing/bytes.js";
import { fetchList } from "../../signing/lists.js";
import { ARMING, PRACTICE } from "../../signing/receipt.js";
import { held } from "./held.js";
import { kits } from "./kit.js";
import { problemsOf } from "./running.js";

export function sharesPage(): void {
  const form = get('[data-form="prove"]', HTMLFormElement);
  form.hidden = false;
  kits();
  whenSent(form, () => doing(form, "Opening your shares.", () => unlocked(prove), problemsOf()));
}

async function prove(): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  const mine = await held(me, author);
  await fetchList(SLIP39_WORDS);
  const purpose = given("practice") ? PRACTICE : ARMING;
  const documents: string[] = [];
  for (const { manifest, words, wishes, place } of mine) {
    const receipt = await makeReceipt(me.handle, me.keys, manifest, words, wishes, purpose, now(), place);
    documents.push(fromUtf8(receipt.data) ?? "");
  }
  if (documents.length > 0) await post(`/watches/${part(author)}/receipts`, { documents });
  const lines: string[] = [];
  for (const { manifest } of mine) {
    const { recipient, number } = manifest.document;
    lines.push(
      `Your share of the words for ${(await me.shownKeys(recipient)).name}, version ${number}, opens.`,
    );
  }
  const none = `You hold no shares yet: ${given("author-name")} has to verify you and seal.`;
  get("[data-lines]", HTMLElement).replaceChildren(
    ...(lines.length > 0 ? lines : [none]).map((line) => el("p", {}, line)),
  );
  show("done");
}
