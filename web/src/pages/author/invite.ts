// Twin of src/lastwords/cli/invite.py and keeper.py: the author makes an invitation and sends its link in person; the
// host never learns its secret, and the secret proves the keys that come back.
import { part, post, read } from "../../client/api.js";
import { el, given, say } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { checkAnswer, Invitation } from "../../sealing/invitation.js";
import { PublicKeys } from "../../sealing/person.js";
import { type Bytes, fromBase64 } from "../../signing/bytes.js";
import { EFF_LARGE } from "../../signing/fingerprints.js";
import { fetchList } from "../../signing/lists.js";
import { Refused } from "../../signing/refusals.js";

export type Role = "keeper" | "alternate" | "recipient";

interface Row {
  readonly id: string;
  readonly role: string;
  readonly handle: string | null;
  readonly answer: string | null;
}

/** Make an invitation; gives its link. Its secret is kept, sealed, before the host hears of the invitation. */
export async function invite(me: Me, role: Role, name: string, order?: number): Promise<string> {
  const made = Invitation.new(me.keys.signing.public.fingerprint);
  await me.pins.keepInvitation(made.id, { role, name, fragment: made.fragment });
  const body = { role, id: made.id, name, ...(order === undefined ? {} : { order }) };
  await post(`/watches/${part(me.handle)}/invitations`, body);
  return linkOf(me, made.fragment);
}

/** The whole link. Everything after its # stays in the browsers of the two people. */
export function linkOf(me: Me, fragment: string): string {
  return `${location.origin}/invitation/${me.handle}#${fragment}`;
}

const ASKS: Readonly<Record<Role, string>> = {
  keeper:
    "I would like you to be one of the people who check on me if I ever fall silent. You would not be able to read " +
    "anything of mine, and nothing happens unless several of you agree. It takes three minutes to say yes.",
  alternate:
    "I would like to name you as somebody to call if the people who check on me cannot be reached. You would not be " +
    "able to read anything of mine. It takes three minutes to say yes.",
  recipient:
    "I am writing something for you, to be kept sealed for now. To seal it for you alone I need a key of yours, which " +
    "your browser makes. It takes three minutes.",
};

/** A message to be sent in the author's own words, with the link at its end. */
export function messageFor(role: Role, name: string, link: string): string {
  const first = name.split(" ")[0] ?? name;
  return `Dear ${first}, ${ASKS[role]}\n\nPlease open this link, and keep it to yourself:\n${link}\n\n${given("name")}`;
}

/** Show a message that can be changed and copied. */
export function showMessage(place: HTMLElement, role: Role, name: string, link: string): void {
  const field = el("textarea", { id: "message", rows: "9", autocomplete: "off" });
  field.value = messageFor(role, name, link);
  const copy = el("button", { type: "button" }, "Copy");
  copy.addEventListener("click", () => {
    void copied(field).then((well) => {
      say(
        place,
        well ? "Copied. Send it yourself, by a way you trust." : "Selected: copy it with your keyboard.",
      );
    });
  });
  const hint =
    "In words of your own. Whoever has the link can answer in their place, so send it to them alone; it works for 90 days.";
  place.replaceChildren(
    el("h2", { tabindex: "-1" }, `Send this to ${name} yourself`),
    el(
      "div",
      { class: "field" },
      el("label", { for: "message" }, "Your message"),
      el("p", { class: "hint" }, hint),
      field,
    ),
    el("p", { "data-status": true, role: "status" }),
    el("div", { class: "buttons" }, copy),
  );
  place.hidden = false;
  place.querySelector("h2")?.focus();
}

async function copied(field: HTMLTextAreaElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return false;
  }
}

/** The newest invitation that this person answered and whose secret is known; nothing if there is none. */
async function answered(
  me: Me,
  handle: string,
  role: Role,
): Promise<readonly [Invitation, Bytes] | undefined> {
  const { invitations } = await read<{ invitations: Row[] }>(`/watches/${part(me.handle)}/invitations`);
  const known = me.pins.invitations();
  for (const row of invitations.toReversed()) {
    const fits = row.role === role || (role === "keeper" && row.role === "alternate");
    const made = known[row.id];
    const data = fromBase64((row.answer ?? "").replace(/=+$/, ""));
    if (row.handle === handle && row.answer !== null && fits && made && data) {
      return [Invitation.read(made.fragment), data];
    }
  }
  return undefined;
}

/** Whether an answer of theirs can be checked here. */
export async function canCheck(me: Me, handle: string, role: Role): Promise<boolean> {
  return (await answered(me, handle, role)) !== undefined;
}

/** The keys of an invited person, proven by the invitation's secret, pinned, and equal to what the host shows. */
export async function checkAndPin(me: Me, handle: string, role: Role): Promise<PublicKeys> {
  const found = await answered(me, handle, role);
  if (!found) {
    throw new Refused(
      `There is no answer of ${handle} to an invitation that you made in your browsers; nothing was changed.`,
      "Compare the eight words with them, or check it where you made the invitation.",
    );
  }
  const keys = checkAnswer(...found);
  const shown = await shownAs(me, handle);
  if (shown.sealing !== keys.sealing || shown.signing !== keys.signing || shown.signIn !== keys.signIn) {
    throw new Refused(
      `The host keeps other keys for ${handle} than the ones they answered with; nothing was signed.`,
      `Tell whoever runs the host, and invite ${handle} again.`,
    );
  }
  await pinThem(me, handle, keys, "invitation");
  return keys;
}

/** Someone's three keys as the host shows them. Throws Refused where the pin says otherwise. */
export async function shownAs(me: Me, handle: string): Promise<PublicKeys> {
  const { public_key, signing_key, sign_in_key } = await me.shownKeys(handle);
  return new PublicKeys(public_key, signing_key, sign_in_key);
}

export async function pinThem(me: Me, handle: string, keys: PublicKeys, how: string): Promise<void> {
  const { sealing: public_key, signing: signing_key, signingFingerprint: signing } = keys;
  await me.pins.keep(handle, { signing, how, public_key, signing_key });
}

/** The eight words by which somebody's keys are compared by voice. */
export async function eightWordsOf(keys: PublicKeys): Promise<readonly string[]> {
  await fetchList(EFF_LARGE);
  return keys.eightWords;
}
