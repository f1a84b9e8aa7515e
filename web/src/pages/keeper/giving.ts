// Twin of src/lastwords/cli/statement.py: a keeper's statement, made and given, and what it counts for.
//
// Each given share is sealed to the recipient's key and covered for the keepers who do not receive these words. With it
// goes a short signed word for the recipient, naming the manifest the share belongs to and no other track.
import { part, post, read } from "../../client/api.js";
import { holderOf, recipientOf } from "../../client/keys_of.js";
import { type Me, now } from "../../client/me.js";
import { type Given, give } from "../../sealing/covers.js";
import { openShare } from "../../sealing/shares.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { KEEPER } from "../../signing/act.js";
import { digest } from "../../signing/canonical.js";
import { fetchList } from "../../signing/lists.js";
import { CANNOT_ACT, DIED, headOf, TWO_LOCKS } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { COULD_NOT_FIND_OUT, SPOKEN_WITH, Statement } from "../../signing/statement.js";
import { type Held, held, partsOf } from "./held.js";
import { base64Of, type Running, type TrackRow } from "./running.js";

export type Finding = Statement["finding"];
export type Evidence = Statement["evidence"];

/** Which conditions a finding counts for: who died cannot act either, and never the other way round. */
const GIVEN_WITH: Readonly<Record<Finding, readonly string[]>> = {
  [DIED]: [DIED, CANNOT_ACT],
  [CANNOT_ACT]: [CANNOT_ACT],
  [SPOKEN_WITH]: [],
  [COULD_NOT_FIND_OUT]: [],
};

/** What the host answers to a statement. */
export interface Stated {
  readonly finding: string;
  readonly stage: string;
  readonly given: readonly { readonly track: string }[];
  readonly text_left_out: boolean;
  readonly tracks: readonly TrackRow[];
  readonly quorum: number;
}

export interface Seat {
  readonly stage: string;
  readonly proven: readonly string[];
}

/** The shares that go along with a finding: those of this keeper whose condition it counts for. */
export function goingAlong(mine: readonly Held[], finding: Finding): Held[] {
  return mine.filter(({ manifest: { document } }) => {
    return GIVEN_WITH[finding].includes(document.condition) && document.mode === TWO_LOCKS;
  });
}

/** Sign a statement, cover the shares that go with it, and send both. `text` is sealed to keepers already. */
export async function make(
  me: Me,
  author: string,
  found: Running,
  finding: Finding,
  evidence: Evidence,
  text: Uint8Array | undefined,
  stepBack = false,
): Promise<Stated> {
  const mine = await held(me, author);
  const covers = new Map((found.heads ?? []).map((head) => [head.track, head.cover]));
  const given: (readonly [Held, Given])[] = [];
  for (const one of goingAlong(mine, finding)) {
    const cover = covers.get(one.manifest.document.track) ?? [];
    for (const share of await covered(me, one, cover, String(found.number))) given.push([one, share]);
  }
  const document = me.sign(Statement, {
    keeper: me.handle,
    author,
    case: String(found.number),
    epoch: found.epoch,
    plan_version: found.plan_version,
    finding,
    evidence,
    manifests: mine.map(({ manifest }) => headOf(manifest.document)),
    given: given.map(([, share]) => share.record),
    moment: now(),
    free_text: text ? digest(text) : null,
  });
  return post<Stated>(`/watches/${part(author)}/case/statements`, {
    document,
    given: given.map(([one, share]) => posted(me, author, found, one, share)),
    ...(text ? { text: base64Of(text) } : {}),
    ...(stepBack ? { step_back: true } : {}),
  });
}

/** This keeper's shares of a track, opened, checked against their commitments, and put under both covers. */
async function covered(me: Me, one: Held, cover: readonly string[], inCase: string): Promise<Given[]> {
  const manifest = one.manifest.document;
  const strangers = cover.filter((keeper) => !one.places.has(keeper));
  if (strangers.length > 0 || cover.length === 0 || cover.includes(manifest.recipient)) {
    throw new Refused(
      `The host asks to cover the shares of ${manifest.track} for people the author did not name ` +
        `(${strangers.join(", ") || "nobody at all"}); nothing was signed or given.`,
      "Tell the other keepers and whoever runs the host.",
    );
  }
  await fetchList(SLIP39_WORDS);
  const recipient = await recipientOf(me, manifest);
  const keys: string[] = [];
  for (const keeper of cover) keys.push(await holderOf(me, one.places, keeper));
  const given: Given[] = [];
  for (const [name, data] of partsOf(one)) {
    const share = await openShare(data, me.keys, manifest, one.place.keeper, name);
    given.push(await give(share, manifest, recipient, keys, inCase));
  }
  return given;
}

function posted(me: Me, author: string, found: Running, { manifest }: Held, share: Given): object {
  const head = me.signAct("give share", author, KEEPER, {
    case: found,
    subject: manifest.document.track,
    body: manifest.digest,
  });
  return { track: share.record.track, part: share.record.part, body: base64Of(share.data), head };
}

// What becomes of it.

const SEATS: Readonly<Record<string, string>> = {
  verified: "your seat is too new to count yet",
  suspended: "your seat is suspended until the other keepers restore it",
  resting: "your seat rests until you prove your share",
};

/** This keeper's own seat. */
export async function seatWith(author: string): Promise<Seat | undefined> {
  const { seat } = await read<{ seat?: Seat | null }>(`/watches/${part(author)}`);
  return seat ?? undefined;
}

/** What the statement just made moves, in sentences; and where it is only shown, that too, with the reason. */
export function whatItCountsFor(
  said: Stated,
  seat: Seat | undefined,
  nameOf: (track: TrackRow) => string,
): string[] {
  if (said.finding === "could_not_find_out") {
    return [
      "The others see it. It counts neither for a release nor against one; not knowing is a good answer.",
    ];
  }
  if (said.finding === "spoken_with") {
    if (seat?.stage === "suspended" || seat?.stage === "accepted") {
      const why = SEATS[seat.stage] ?? "your seat is not verified";
      return [`The others see it, and it stops nothing: ${why}.`];
    }
    return [
      "While it stands nothing is released. Alone it stands for 14 days at most; a second keeper who says so ends " +
        "the vigil.",
    ];
  }
  const lines = said.tracks.map((track) => forTrack(track, said, seat, nameOf(track)));
  if (lines.length === 0) {
    lines.push("The others see it. It counts for no words, since you hold no share here.");
  }
  if (said.stage === "late" && said.tracks.some((one) => one.yours)) {
    lines.push("It begins to count when the author's time to answer is over and the vigil begins.");
  }
  return lines;
}

function forTrack(track: TrackRow, said: Stated, seat: Seat | undefined, name: string): string {
  if (track.yours)
    return `It counts for the words for ${name}: ${track.counted} of the ${said.quorum} that it takes.`;
  let why = "your own watch is silent, or these words have changed since you read the case";
  if (said.finding === "cannot_act" && track.condition === "died") why = "these words wait for “died”";
  else if (seat?.stage !== "seasoned") why = SEATS[seat?.stage ?? ""] ?? "your seat is not verified yet";
  else if (!seat.proven.includes(track.track)) why = "you have not proven your share of them";
  return `The others see it, and it does not count for the words for ${name}: ${why}.`;
}
