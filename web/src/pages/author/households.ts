// Twin of src/lastwords/cli/households.py: which keepers live together. A fire, a journey or an illness takes a whole
// house at once. The host does not need to know who lives with whom, so it is not told; the warning is made here.
import { part, read } from "../../client/api.js";
import { el, find, get, given, typed } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { form } from "../account/form.js";

interface Circle {
  readonly tracks: readonly { readonly quorum: number; readonly counting: readonly string[] }[];
}

/** Let the household of this page's keeper be noted: a word of the author's own, empty to forget it. */
export function offerHousehold(me: Me): void {
  const handle = given("keeper");
  get('[name="household"]', HTMLInputElement).value = me.pins.households()[handle] ?? "";
  form("household", {
    text: "Sealing your note.",
    places: { here: "household" },
    work: async (shown) => {
      await me.pins.keepHousehold(handle, typed(shown, "household"));
      get("[data-noted]", HTMLElement, shown).textContent = "Noted, where only you can read it.";
    },
  });
}

/** Warn of each household without which the words could not be opened. */
export async function warnOfHouseholds(me: Me): Promise<void> {
  const list = find("[data-households]", HTMLElement);
  if (!list) return;
  const { tracks } = await read<Circle>(`/watches/${part(me.handle)}/health`);
  const known = me.pins.households();
  const said = new Set(tracks.flatMap(({ counting, quorum }) => oneHousehold(counting, quorum, known)));
  list.replaceChildren(...[...said].map((sentence) => el("li", {}, sentence)));
  list.hidden = said.size === 0;
}

/** A sentence for every household whose keepers can all be out of reach at once and would leave too few. */
function oneHousehold(
  counting: readonly string[],
  quorum: number,
  known: Readonly<Record<string, string>>,
): string[] {
  const names = new Set(counting.map((keeper) => known[keeper] ?? "").filter((name) => name !== ""));
  return [...names].sort().flatMap((name) => {
    const together = counting.filter((keeper) => known[keeper] === name);
    const left = counting.length - together.length;
    if (together.length < 2 || left >= quorum || quorum > counting.length) return [];
    const people = together.map(nameOf);
    const who = `${people.slice(0, -1).join(", ")} and ${people.at(-1) ?? ""}`;
    return [
      `${who} live together: if that house cannot be reached, ${left} remain and ${quorum} are needed.`,
    ];
  });
}

function nameOf(handle: string): string {
  return document.querySelector(`[data-name-of="${handle}"]`)?.textContent ?? handle;
}
