// Twin of src/lastwords/sealing/kit.py: everything needed to open the words without us, in one zip.
import type { Signed } from "../signing/documents.js";
import type { PublicKey } from "../signing/keys.js";
import {
  hasWishes,
  KEEPERS_ONLY,
  type Manifest,
  PARTS,
  type RosterSeat,
  seatOf,
  TIMER_ONLY,
  WISHES,
} from "../signing/manifest.js";
import type { Folder } from "./hashed.js";
import { ManifestRefused } from "./refusals.js";
import { checkBundle, MANIFEST_FILE, shareName } from "./tracks.js";
import { zip, type ZipFile } from "./zip.js";

export const README_FILE = "README.txt";
export const OPENER_FILE = "opener.html";
export const SCRIPT_FILE = "open.mjs";
export const AUTHOR_FILE = "author.key.txt";

/** People's names for their ids. */
export type Names = ReadonlyMap<string, string>;

/** What every kit holds besides: the offline opener, and the script for Node. */
export interface Programs {
  readonly opener: string;
  readonly script: string;
}

/**
 * Return the kit of one keeper, or the bundle without a share if `keeperId` is null, from a version's files.
 *
 * `author` is the key with which the manifest was verified; the kit tells it to whoever verifies again. Two kits of one version are the same bytes. Throws ManifestRefused if a file is missing or not the manifest's.
 */
export async function writeKit(
  files: Folder,
  manifest: Signed<Manifest>,
  author: PublicKey,
  keeperId: string | null,
  programs: Programs,
  names: Names = new Map(),
): Promise<Blob> {
  if (author.fingerprint !== manifest.signer) {
    throw new ManifestRefused(
      "The key given for the author is not the one that signed the manifest. No kit was made.",
      "Use the key with which the manifest was verified.",
    );
  }
  await checkBundle(files, manifest.document);
  const seat = keeperId === null ? undefined : seatOf(manifest.document, keeperId);
  const members: ZipFile[] = [
    { name: README_FILE, content: new Blob([readme(manifest, seat, names)]) },
    { name: OPENER_FILE, content: new Blob([programs.opener]) },
    { name: SCRIPT_FILE, content: new Blob([programs.script]) },
    { name: AUTHOR_FILE, content: new Blob([author.text]) },
    { name: MANIFEST_FILE, content: new Blob([manifest.data]) },
  ];
  for (const name of [...shareNames(seat), ...manifest.document.files.map((file) => file.name)]) {
    const content = files.get(name);
    if (!content) {
      throw new ManifestRefused(`${name} is missing. No kit was made.`, "Fetch it, then make the kit.");
    }
    members.push({ name, content });
  }
  return zip(members);
}

/** Return the README of a kit. */
export function readme(manifest: Signed<Manifest>, seat: RosterSeat | undefined, names: Names): string {
  const document = manifest.document;
  return [head(document, names), keepers(document, seat, names), steps(document, seat)].join("\n");
}

function shareNames(seat: RosterSeat | undefined): string[] {
  if (!seat) return [];
  return PARTS.filter((part) => part !== WISHES || seat.wishes_share !== null).map((part) =>
    shareName(seat.index, part),
  );
}

function head(manifest: Manifest, names: Names): string {
  return (
    "LAST WORDS: HOW TO OPEN THESE WORDS WITHOUT OUR SOFTWARE\n\n" +
    `Author: ${named(manifest.author, names)}\n` +
    `Recipient: ${named(manifest.recipient, names)}\n` +
    `Condition: ${manifest.condition}\n` +
    `Version: number ${manifest.number} of track ${manifest.track}, sealed ${manifest.made}\n\n` +
    "This kit carries one version. If the author sealed a newer one since, it lies in newer kits.\n" +
    "Nothing in this kit opens by itself: no secret key is in it.\n\n" +
    "A host that is gone says nothing about its author. First find out together, by what you know\n" +
    "yourselves, whether the condition above is true.\n\n" +
    `The easiest way: open ${OPENER_FILE} in any current browser and choose the kits there. It needs no\n` +
    "network and sends nothing. The steps below do the same without a browser.\n"
  );
}

function keepers(manifest: Manifest, seat: RosterSeat | undefined, names: Names): string {
  if (manifest.mode === TIMER_ONLY) {
    return "No keepers hold a share of these words; the recipient's key opens them.\n";
  }
  const lines = [`Keepers (any ${manifest.k} of these ${manifest.roster.length} together):`];
  for (const other of manifest.roster) {
    const mine = other.keeper === seat?.keeper ? "   <- this kit" : "";
    lines.push(`  share ${other.index}: ${named(other.keeper, names)}${mine}`);
  }
  return lines.join("\n") + "\n";
}

function steps(manifest: Manifest, seat: RosterSeat | undefined): string {
  const outer = manifest.mode !== TIMER_ONLY;
  const inner = manifest.mode !== KEEPERS_ONLY;
  const splitting =
    ", and a program for SLIP-39 shares,\nsuch as `shamir` (Python package shamir-mnemonic, extra cli)";
  const found = [
    `You need: the program \`age\`, version 1.3 or newer${outer ? splitting : ""}.\n` +
      "Without age: Node 20 or newer, `npm install age-encryption@0.3.1`, and then, in place of age,\n" +
      `    node ${SCRIPT_FILE} KEY_FILE SEALED_FILE OUT_FILE [FILE_WITH_THE_PASSPHRASE]`,
  ];
  if (outer) {
    found.push(
      "Each keeper puts the line AGE-SECRET-KEY-PQ-1... of their card into a file keeper.key and opens\n" +
        `their share:\n    age -d -i keeper.key ${shareName(seat?.index ?? 1)}\n` +
        "The first line of what appears, 33 words, is the share.",
      `Bring the 33 words of exactly ${manifest.k} keepers together and run:\n` +
        "    shamir recover\n" +
        "It gives 64 digits and letters: the passphrase of the release key.",
      "Take off the outer lock; give the 64 digits when asked for a passphrase:\n" +
        `    age -d -i release.key.age words.age > ${inner ? "inner.age" : "words.tar"}`,
    );
  }
  if (inner) {
    found.push(
      "The recipient takes off the inner lock with the key of their card, in a file recipient.key:\n" +
        `    age -d -i recipient.key ${outer ? "inner.age" : "words.age"} > words.tar`,
    );
  }
  found.push("Unpack; index.json comes first and says what everything is:\n    tar -xf words.tar");
  const numbered = found.map((step, at) => `${at + 1}. ${step}`).join("\n\n") + "\n";
  const wishes =
    "\nWishes open in the same way: wishes-share-N.age, wishes.release.key.age, wishes.age." +
    " They have shares of their own.\n";
  return hasWishes(manifest) ? numbered + wishes : numbered;
}

function named(identifier: string, names: Names): string {
  const name = names.get(identifier);
  return name === undefined ? identifier : `${name} (${identifier})`;
}
