// Twin of src/lastwords/cli/homecoming.py: signing that the author was seen or heard, and the page made of it.
import { part, post, read } from "../../client/api.js";
import { doing, el, find, get, given } from "../../client/dom.js";
import { placesOf } from "../../client/keys_of.js";
import { KeyLocked, Me, type Sealed } from "../../client/me.js";
import { Act, KEEPER } from "../../signing/act.js";
import { utf8 } from "../../signing/bytes.js";
import { read as readDocument } from "../../signing/documents.js";
import { fingerprint } from "../../signing/fingerprints.js";
import { PublicKey } from "../../signing/keys.js";
import { Refused } from "../../signing/refusals.js";
import { checked, type Done } from "./checked.js";
import { dayOf, problemsOf, running } from "./running.js";

const HOME = "seen or heard";
const SAID = {
  home: {
    act: HOME,
    sign: (name: string) => `I have seen or heard ${name} myself.`,
    title: "You signed that you have seen or heard them",
    more: "Your name stands on the welcome-home page.",
  },
  "not-them": {
    act: "not them",
    sign: (name: string) => `Whoever gave the sign of life was not ${name}.`,
    title: "You signed that it was not them",
    more: "The others are told, and the search goes on.",
  },
  end: {
    act: "close case",
    sign: () => "There is nothing more to do in this case.",
    title: "You signed that nothing more is to do here",
    more: "The case is closed once a quorum of you has signed it.",
  },
} as const;

interface SignedHome {
  readonly keeper: string;
  readonly name: string;
  readonly at: number;
  readonly document: string;
  readonly signing_key: string;
}

interface HomePage {
  readonly number: number;
  readonly signed: readonly SignedHome[];
}

export async function homePage(): Promise<void> {
  for (const [name, { act, sign, title, more }] of Object.entries(SAID)) {
    checked(name, "Looking at the case.", () => ({
      title: "Look at it once more before you sign",
      rows: [["You sign", sign(given("author-name"))]],
      note: "It cannot be taken back.",
      button: "Sign it",
      busy: "Signing.",
      work: () => signed(act, { title, lines: [more] }),
    }));
  }
  find("[data-print]", HTMLButtonElement)?.addEventListener("click", () => {
    window.print();
  });
  const place = get("[data-welcome]", HTMLElement);
  await doing(place, "Checking the signatures.", fill, problemsOf());
}

async function signed(act: (typeof SAID)[keyof typeof SAID]["act"], done: Done): Promise<Done> {
  const author = given("author");
  const me = await Me.here();
  const document = me.signAct(act, author, KEEPER, { case: await running(author) });
  await post(`/watches/${part(author)}/case/signatures`, { document, act });
  return done;
}

/** The names on the page, each by a signature that was checked here. */
async function fill(): Promise<void> {
  const author = given("author");
  const place = get("[data-welcome]", HTMLElement);
  const found = await read<HomePage>(`/watches/${part(author)}/case/home`);
  if (found.signed.length === 0) return;
  let me: Me;
  try {
    me = await Me.here();
  } catch (error) {
    if (!(error instanceof KeyLocked)) throw error;
    get("[data-names]", HTMLElement).replaceChildren(
      el("p", {}, "Open your key, and the signatures are checked here."),
    );
    place.hidden = false;
    return;
  }
  const sealed = await me.sealed(author);
  const good = found.signed.filter((one) => holds(me, author, found, one, sealed));
  const left = found.signed.filter((one) => !good.includes(one)).map((one) => one.name);
  const rows = good.map((one) => {
    return el(
      "li",
      {},
      el("span", { class: "what" }, el("strong", {}, one.name), el("span", { class: "hint" }, dayOf(one.at))),
    );
  });
  get("[data-names]", HTMLElement).replaceChildren(
    el("ul", { class: "rows" }, ...rows),
    ...(left.length > 0
      ? [
          el(
            "p",
            { class: "small" },
            `Left out, because their signature could not be checked: ${left.join(", ")}.`,
          ),
        ]
      : []),
  );
  place.hidden = false;
}

function holds(me: Me, author: string, found: HomePage, one: SignedHome, sealed: readonly Sealed[]): boolean {
  if (!trusted(me, one.keeper, sealed).has(fingerprint(one.signing_key))) return false;
  try {
    const act = readDocument(utf8(one.document), Act, PublicKey.read(one.signing_key)).document;
    const said = [act.actor, act.role, act.author, act.act, act.case].join("\n");
    return said === [one.keeper, KEEPER, author, HOME, String(found.number)].join("\n");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return false;
  }
}

/** Fingerprints of signing keys that are this keeper's for certain: one's own, a pinned one, one in a manifest. */
function trusted(me: Me, keeper: string, sealed: readonly Sealed[]): ReadonlySet<string> {
  const own = keeper === me.handle ? [me.keys.signing.public.fingerprint] : [];
  const pinned = me.pins.person(keeper)?.signing;
  const named = sealed.flatMap((one) => placesOf(one).get(keeper)?.signing ?? []);
  return new Set([...own, ...(pinned ? [pinned] : []), ...named]);
}
