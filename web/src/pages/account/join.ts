// Joining: by the host's join code as an author, or by an author's invitation. The key is made here, and kept in this tab
// before anything is sent, so that a broken line leaves no account whose key is gone.
import { post, useFormToken } from "../../client/api.js";
import { find, get, given, mend, show, typed } from "../../client/dom.js";
import { answered, keep, recall } from "../../client/keys.js";
import { canUse } from "../../client/passkey.js";
import { pin } from "../../client/pins.js";
import { told } from "../../client/refusals.js";
import { answer, Invitation } from "../../sealing/invitation.js";
import { PersonKeys } from "../../sealing/person.js";
import { toBase64 } from "../../signing/bytes.js";
import { Refused } from "../../signing/refusals.js";
import { toUnlock } from "../../client/keyline.js";
import { addPasskey } from "./devices.js";
import { fill, form } from "./form.js";
import { offerPassphrase } from "./passphrase.js";

/** What gives leave to join: a code, or an invitation of an author's. */
type Leave = { readonly code: string } | { readonly author: string; readonly invitation: Invitation };

const NOBODY_YET = "?";
/** Under this the tab keeps a key that belongs to nobody yet. No handle is spelled so. */

interface Wish {
  readonly name: string;
  readonly handle: string;
  readonly zone: string;
}

export async function join(): Promise<void> {
  await begin((shown) => {
    const code = typed(shown, "code");
    if (!code) throw missing("Enter the join code that the host gave you.");
    return { code };
  });
}

export async function invited(): Promise<void> {
  let leave: Leave | undefined;
  const take = (author: string, fragment: string): void => {
    leave = { author, invitation: Invitation.read(fragment) };
    fill(
      "who-invites",
      `“${author}” invited you. Nothing is settled yet, and you can still stop on the next page.`,
    );
    show("who");
  };
  form("link", {
    text: "Reading the link.",
    places: { here: "link" },
    work: (shown) => {
      const [address = "", fragment = ""] = typed(shown, "link").split("#", 2);
      const author = /\/invitation\/([a-z0-9-]{1,40})$/.exec(address)?.[1] ?? given("author");
      if (!author) throw missing("Paste the whole link: it names who invites you, and has a # sign in it.");
      take(author, fragment);
      return Promise.resolve();
    },
  });
  const author = given("author");
  if (author && location.hash) {
    const fragment = location.hash;
    // The secret leaves the address bar, so that neither history nor a screen keeps it.
    history.replaceState(null, "", location.pathname);
    try {
      take(author, fragment);
    } catch (error) {
      show("link");
      mend(get('[data-form="link"]', HTMLFormElement), told({ here: "link" })(error));
    }
  } else {
    show("link");
  }
  await begin(() => {
    if (!leave) throw missing("Open the whole link that you were given.");
    return leave;
  });
}

/** From "who" over "what this host sees" to a key, an account and a way to come in next time. */
async function begin(leaveOf: (shown: HTMLFormElement) => Leave): Promise<void> {
  const known = given("handle");
  let leave: Leave;
  let wish: Wish = { name: "", handle: "", zone: "UTC" };
  suggest();
  form("who", {
    text: "",
    work: (shown) => {
      leave = leaveOf(shown);
      if (!known) wish = wished(shown);
      show("sees");
      return Promise.resolve();
    },
  });
  form("sees", {
    text: "Making your key and your account.",
    work: async () => {
      if (known) await goOnAs(known, leave);
      else await makeAccount(wish, leave);
    },
  });
  await Promise.resolve();
}

function wished(shown: HTMLFormElement): Wish {
  const wish = { name: typed(shown, "name"), handle: typed(shown, "handle"), zone: typed(shown, "zone") };
  if (!wish.name) throw missing("Enter your name, as your letters should say it.");
  if (!/^[a-z0-9-]{1,40}$/.test(wish.handle)) {
    throw missing("Enter a handle: small letters, digits and hyphens.");
  }
  return wish;
}

/** The handle follows the name until it is typed itself; the zone is the browser's. */
function suggest(): void {
  const name = find('[name="name"]', HTMLInputElement);
  const handle = find('[name="handle"]', HTMLInputElement);
  const zone = find('[name="zone"]', HTMLSelectElement);
  let own = false;
  handle?.addEventListener("input", () => (own = true));
  name?.addEventListener("input", () => {
    if (handle && !own) handle.value = asHandle(name.value);
  });
  if (zone) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((one) => one.value === here)) zone.value = here;
  }
}

function asHandle(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 30);
}

/** Make key and account. Sent again with the same key, the host gives the same account. */
async function makeAccount(wish: Wish, leave: Leave): Promise<void> {
  const keys = (await recall(NOBODY_YET)) ?? PersonKeys.new();
  await keep(NOBODY_YET, keys);
  const { sealing, signing, signIn } = keys.public;
  const made = await post<{ handle: string }>("/people", {
    ...wish,
    public_key: sealing,
    signing_key: signing,
    sign_in_key: signIn,
    ...("code" in leave
      ? { join_code: leave.code }
      : { invitation: leave.invitation.id, author: leave.author }),
  });
  const signed = await post<{ form_token: string }>("/page-sessions", await answered(made.handle, keys));
  useFormToken(signed.form_token);
  await keep(made.handle, keys);
  const said = "code" in leave ? WELCOME : await accept(made.handle, keys, leave);
  offerWays(keys, said);
}

/** Somebody who is here already, with another part: as an author too, or with one more invitation. */
async function goOnAs(handle: string, leave: Leave): Promise<void> {
  if ("code" in leave) {
    await post("/watches", { join_code: leave.code });
    location.assign("/home");
    return;
  }
  const keys = await recall(handle);
  if (!keys) {
    throw new Refused(
      "Your key is locked in this tab, and the answer to an invitation is made with it. Nothing was sent.",
      `Open your key first (${toUnlock()}), then open the invitation's link again.`,
    );
  }
  finish(await accept(handle, keys, leave));
}

const WELCOME = "Welcome. Your plan is not active yet; your first page says what is open.";
const SAID: Readonly<Record<string, string>> = {
  keeper: "You are a keeper now. Thank you. You are verified next.",
  alternate: "You are called when keepers cannot be reached. Thank you. You are verified next.",
  recipient: "Your key is known now, and you can be written to.",
};

/** Answer an invitation with keys that its secret vouches for. The author is known by it before anything is believed. */
async function accept(
  handle: string,
  keys: PersonKeys,
  { author, invitation }: Extract<Leave, { author: string }>,
): Promise<string> {
  if (!pin(handle, author, { signing: invitation.author, how: "invitation" })) {
    throw new Refused(
      `You know “${author}” by another key than this invitation names. Nothing was sent.`,
      "Speak with them before anything else; somebody may have made this link in their name.",
    );
  }
  const text = toBase64(answer(invitation, keys));
  const body = { answer: text + "=".repeat((4 - (text.length % 4)) % 4) };
  const path = `/watches/${author}/invitations/${invitation.id}/answer`;
  const { role = "keeper" } = await post<{ role?: string }>(path, body);
  return SAID[role] ?? "";
}

/** A passkey first; a passphrase where there is none, or besides. Until one is kept, leaving the page asks first. */
function offerWays(keys: PersonKeys, said: string): void {
  const stay = (event: BeforeUnloadEvent): void => {
    event.preventDefault();
  };
  window.addEventListener("beforeunload", stay);
  const done = (): void => {
    window.removeEventListener("beforeunload", stay);
    finish(said);
  };
  show("lock");
  const why = get("[data-without-passkey]", HTMLElement);
  const instead = (text: string): void => {
    why.hidden = false;
    why.textContent = text;
    get('[data-form="passkey"]', HTMLFormElement).hidden = true;
  };
  if (!canUse()) instead("This browser has no passkeys here, so a passphrase opens your key.");
  form("passkey", {
    text: "Waiting for your passkey.",
    work: async () => {
      if (await addPasskey(keys, "My first passkey", "device")) done();
      else
        instead(
          "The passkey signs you in, but on this device it cannot open your key. A passphrase does that.",
        );
    },
  });
  form("passphrase", { text: "Drawing eight words.", work: () => offerPassphrase(keys, done) });
}

function finish(said: string): void {
  show("done");
  fill("done-text", said);
}

function missing(what: string): Refused {
  return new Refused("Something is missing, and nothing was sent.", what);
}
