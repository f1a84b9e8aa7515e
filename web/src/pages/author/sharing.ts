// Which keepers hold a share of words: who can, what is chosen where an author chooses nothing, and the boxes by which
// they choose otherwise. What then holds is the host's machine's to say; this only spares people its refusals.
import { part, read } from "../../client/api.js";
import { el, find, get, typed } from "../../client/dom.js";
import { placesOf } from "../../client/keys_of.js";
import type { Me } from "../../client/me.js";
import { Misplaced } from "../../client/refusals.js";
import type { Keeper } from "../../sealing/tracks.js";
import { type Own, ownOf, pinned } from "./pinned.js";

/** Stages of a seat to which a share can be sealed; what then counts is the host's machine's to say. */
export const HOLDERS = ["verified", "seasoned", "resting", "suspended"];
/** Most shares that one secret is split into. */
const MOST = 16;

export interface SeatRow {
  readonly handle: string;
  readonly name: string;
  readonly stage: string;
  readonly alternate: number;
}

/** Somebody of the circle: `keeper` is missing while this browser knows nothing but the host's word for them. */
export interface Candidate {
  readonly handle: string;
  readonly name: string;
  readonly keeper?: Keeper;
}

/** Where a form says what the host refuses of a choice. */
export const SHARES = { too_many_shares: "shares", roster_unknown: "shares" } as const;

/** How many a choice needs and may have. */
export interface Bounds {
  /** How many of them open the words together. */
  readonly k: number;
  /** The most of whom the number that moves these words is still a majority. */
  readonly most: number;
}

/** What binds a choice: on an active plan the machine refuses shares for so many that two halves could both agree. */
export function boundsOf(armed: boolean, quorum: number, k: number): Bounds {
  return { k, most: armed ? Math.min(MOST, 2 * Math.max(quorum, k) - 1) : MOST };
}

/**
 * Those who could hold a share of words, in the order of their handles: never whoever receives these very words, for
 * themselves or as the adult who is with a child.
 */
export async function candidates(me: Me, recipient: string, adult: string): Promise<Candidate[]> {
  const { keepers } = await read<{ keepers: SeatRow[] }>(`/watches/${part(me.handle)}/keepers`);
  const able = keepers.filter(
    ({ handle, stage, alternate }) =>
      HOLDERS.includes(stage) && !alternate && handle !== recipient && handle !== adult,
  );
  const own = ownOf(me);
  const found: Candidate[] = [];
  for (const { handle, name } of able.sort((one, other) => (one.handle < other.handle ? -1 : 1))) {
    found.push(
      (await madeKeeper(me, handle, own))
        ? { handle, name, keeper: await keeperOf(me, handle, own) }
        : { handle, name },
    );
  }
  return found;
}

async function keeperOf(me: Me, handle: string, own: Own): Promise<Keeper> {
  const pin = await pinned(me, handle, own);
  return { keeper: handle, sealing: pin.public_key, signing: pin.signing_key };
}

/**
 * Whether the author made them a keeper: in a browser of theirs, or by naming them in words sealed before. A key that is
 * known says whose it is, and not that a share may go to it.
 */
export async function madeKeeper(me: Me, handle: string, own: Own = ownOf(me)): Promise<boolean> {
  if (me.pins.keeps(handle)) return true;
  return (await own()).some((one) => placesOf(one).has(handle));
}

// Choosing.

/**
 * Those who get a share where nobody chooses: all of them, or as many as may; whoever held one before comes first.
 */
export function byItself(all: readonly Candidate[], held: readonly string[], { most }: Bounds): string[] {
  const able = all.filter(({ keeper }) => keeper).map(({ handle }) => handle);
  const first = able.filter((handle) => held.includes(handle));
  const then = able.filter((handle) => !held.includes(handle));
  return [...first, ...then].slice(0, most).sort();
}

/** What is added to a number of keepers that is too small, where somebody is with a child. */
export function without(adult: string): string {
  return adult === "" ? "" : ": the adult who is with the child holds none";
}

/** The keepers of these handles. Throws Refused, saying how many may be chosen. */
export function chosen(
  all: readonly Candidate[],
  wanted: readonly string[],
  bounds: Bounds,
  adult: string,
): Keeper[] {
  const found = all.flatMap(({ handle, keeper }) => (keeper && wanted.includes(handle) ? [keeper] : []));
  if (found.length < bounds.k) {
    throw new Misplaced(
      "shares",
      `${bounds.k} keepers are needed to open these words, and ${found.length} would hold a share${without(adult)}. ` +
        "Nothing was sealed; what was sealed before is unharmed.",
      "Choose more keepers, verify more of them first, or let fewer be needed.",
    );
  }
  if (found.length > bounds.most) {
    throw new Misplaced(
      "shares",
      `${found.length} keepers would hold a share, and ${bounds.k} of them would be no majority: two halves of your ` +
        "circle that know nothing of each other could both agree. Nothing was sealed; what was sealed before is unharmed.",
      `Choose at most ${bounds.most} keepers, or let at least ${Math.floor(found.length / 2) + 1} be needed.`,
    );
  }
  return found;
}

// The boxes.

/** Show a box for each candidate in a part of the page (`[data-shares]`), those of `marked` checked. */
export function showBoxes(place: HTMLElement, all: readonly Candidate[], marked: readonly string[]): void {
  const boxes = all.map(({ handle, name, keeper }) => {
    const id = `${place.dataset["shares"] ?? ""}share-${handle}`;
    const box = el("input", { type: "checkbox", id, name: "shares", value: handle, disabled: !keeper });
    box.checked = keeper !== undefined && marked.includes(handle);
    const label = el("label", { for: id }, name);
    if (!keeper) label.append(el("span", { class: "hint" }, ...makeSure(handle)));
    return el("div", { class: "choice" }, box, label);
  });
  get("[data-boxes]", HTMLElement, place).replaceChildren(...boxes);
  place.hidden = boxes.length === 0;
}

function makeSure(handle: string): (Node | string)[] {
  const link = el("a", { href: `/keepers/${handle}` }, "their page");
  return ["This browser does not know their key yet. Make sure of it on ", link, "."];
}

/** The handles whose boxes are checked; nothing where the page shows no boxes. */
export function boxed(within: ParentNode): readonly string[] | undefined {
  const place = find("[data-shares]", HTMLElement, within);
  if (!place || place.hidden) return undefined;
  const checked = place.querySelectorAll<HTMLInputElement>('[name="shares"]:checked');
  return [...checked].map(({ value }) => value);
}

/** The number typed under “How many keepers let it go together?”; nothing where the field is empty. */
export function quorumIn(form: ParentNode): number | undefined {
  const text = typed(form, "quorum");
  if (text === "") return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MOST) return number;
  throw new Misplaced("quorum", "The number of keepers cannot be used.", `Enter a number from 1 to ${MOST}.`);
}
