// Twin of src/lastwords/cli/told.py: the last hand a share passes through on its way to a recipient.
import { part, post, read } from "../../client/api.js";
import { given } from "../../client/dom.js";
import { recipientOf } from "../../client/keys_of.js";
import { Me } from "../../client/me.js";
import { sealBytes } from "../../sealing/age/files.js";
import { type GivenFor, takeOff } from "../../sealing/covers.js";
import { SealedFileRefused } from "../../sealing/refusals.js";
import { openShare } from "../../sealing/shares.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { KEEPER } from "../../signing/act.js";
import { type Bytes, utf8 } from "../../signing/bytes.js";
import { fetchList } from "../../signing/lists.js";
import { Refused } from "../../signing/refusals.js";
import { checked, type Done } from "./checked.js";
import { held, partsOf } from "./held.js";
import { base64Of, bytesOf, running } from "./running.js";

const SEALED = utf8("age-encryption.org/v1\n");

interface Deposit {
  readonly keeper: string;
  readonly part: string;
  readonly body: string;
}

export function tellPage(): void {
  const whom = given("whom");
  checked("told", "Looking at the case.", () => ({
    title: "Look at it once more before you sign",
    rows: [
      ["You sign", `I have spoken with ${whom} myself, face to face or by voice.`],
      ["What follows", `${whom} gets a letter, and can open the words.`],
    ],
    note: "It cannot be taken back.",
    button: "Sign that they were told",
    busy: "Taking the covers off.",
    work: told,
  }));
  checked("give", "Looking at the case.", () => ({
    title: "Look at it once more before you give it",
    rows: [
      ["You give", "Your share of these words"],
      ["To", `${whom}, and nobody else can open it`],
    ],
    note: "What was given cannot be taken back.",
    button: "Give my share",
    busy: "Opening and sealing your share.",
    work: giveAgain,
  }));
}

async function told(): Promise<Done> {
  const [author, track] = [given("author"), given("track")];
  const path = `/watches/${part(author)}/tracks/${part(track)}`;
  const me = await Me.here();
  const found = await running(author);
  const { given: rows } = await read<{ given: readonly Deposit[] }>(`${path}/given`);
  const uncovered: Deposit[] = [];
  const closed: string[] = [];
  for (const row of rows) {
    const givenFor = { author, track, part: row.part, case: String(found.number) };
    const inner = await withoutCover(me, bytesOf(row.body), givenFor);
    if (inner) uncovered.push({ keeper: row.keeper, part: row.part, body: base64Of(inner) });
    else closed.push(`${row.keeper} (${row.part})`);
  }
  const document = me.signAct("told", author, KEEPER, { case: found, subject: track });
  await post(`${path}/told`, { document, uncovered });
  const left =
    closed.length > 0
      ? ` These shares do not open with your key and stay covered: ${closed.join(", ")}.`
      : "";
  return {
    title: "Thank you for telling them",
    lines: [`It is written down that you spoke with them. Their letter follows now.${left}`],
  };
}

/**
 * What is under an outer cover, only if it is sealed still; nothing when the cover does not open either.
 *
 * A host could put any file that is sealed to this keeper, a share of theirs or one that was given for other words, in
 * the place of a cover, to be handed its contents. It must say what it was given for, and be a sealed file itself.
 */
async function withoutCover(me: Me, data: Uint8Array, givenFor: GivenFor): Promise<Bytes | undefined> {
  try {
    const inner = await takeOff(data, me.keys, givenFor);
    return SEALED.every((byte, at) => inner[at] === byte) ? inner : undefined;
  } catch (error) {
    if (!(error instanceof SealedFileRefused)) throw error;
    return undefined;
  }
}

async function giveAgain(): Promise<Done> {
  const [author, track] = [given("author"), given("track")];
  const me = await Me.here();
  const found = await running(author);
  const mine = (await held(me, author)).find(({ manifest }) => manifest.document.track === track);
  if (!mine) throw new Refused("You hold no share of these words; nothing was given.", "Ask another keeper.");
  const manifest = mine.manifest.document;
  const key = await recipientOf(me, manifest);
  await fetchList(SLIP39_WORDS);
  const act = { case: found, subject: track, body: mine.manifest.digest };
  const document = me.signAct("give share", author, KEEPER, act);
  for (const [name, data] of partsOf(mine)) {
    const share = await openShare(data, me.keys, manifest, mine.place.keeper, name);
    const body = base64Of(await sealBytes(share.encode(), [key]));
    await post(`/watches/${part(author)}/tracks/${part(track)}/shares`, { document, part: name, body });
  }
  return { title: "Your share is given", lines: ["Only the one for whom the words are can open it."] };
}
