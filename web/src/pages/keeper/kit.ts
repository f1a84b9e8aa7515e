// Twin of src/lastwords/cli/kit.py: everything a keeper needs to help open the words when there is no host any more.
import { unreachable } from "../../client/api.js";
import { doing, every, given, say, whenSent } from "../../client/dom.js";
import { download } from "../../client/files.js";
import { Me } from "../../client/me.js";
import { handOver } from "../../client/save.js";
import { unlocked } from "../../client/unlocked.js";
import { writeKit } from "../../sealing/kit.js";
import { ManifestRefused } from "../../sealing/refusals.js";
import { openShare } from "../../sealing/shares.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { shareName } from "../../sealing/tracks.js";
import { fromUtf8, sha256Hex, utf8 } from "../../signing/bytes.js";
import { fetchList } from "../../signing/lists.js";
import type { Manifest } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { type Held, held, partsOf } from "./held.js";
import { problemsOf } from "./running.js";

/** Connect the button of every kit on the page: one for each track that this keeper holds a share of. */
export function kits(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('[data-form="kit"]')) {
    form.hidden = false;
    whenSent(form, () => save(form));
  }
}

async function save(form: HTMLFormElement): Promise<void> {
  let name = "";
  const work = async (): Promise<void> => {
    const me = await Me.here();
    const one = await heldOf(me, given("author"), form.dataset["track"] ?? "");
    const { author, track, number } = one.manifest.document;
    name = `${author}-${track}-${number}.zip`;
    handOver(await made(me, one, form), name);
  };
  if (await doing(form, "Looking at your shares.", () => unlocked(work), problemsOf())) {
    say(form, `Whole and checked, and handed to your browser to save as ${name}. Look that it is there.`);
  }
}

/** What this keeper holds of a track today, small enough for a page. */
async function heldOf(me: Me, author: string, track: string): Promise<Held> {
  const one = (await held(me, author)).find(({ manifest }) => manifest.document.track === track);
  if (!one) {
    throw new Refused(
      "The host lists no share of yours for these words any more. No kit was saved.",
      "Load the page again to see what you hold.",
    );
  }
  if (sizeIn(one.manifest.document) > Number(given("largest-kit"))) {
    throw new Refused(
      "These words are larger than this page can save. Nothing was fetched, and no kit was saved.",
      `Save it by the command that stands below. If you have no command line, ask another keeper who has.`,
    );
  }
  return one;
}

/** The kit, after everything in it was found to be what the author signed. */
async function made(me: Me, one: Held, form: HTMLFormElement): Promise<Blob> {
  const manifest = one.manifest.document;
  const { keeper, index } = one.place;
  const files = new Map<string, Blob>();
  await fetchList(SLIP39_WORDS);
  for (const [part, data] of partsOf(one)) {
    // A kit is for the day when nobody can be asked any more: a share in it that does not open must be met now.
    await openShare(data, me.keys, manifest, keeper, part);
    files.set(shareName(index, part), new Blob([data]));
  }
  const key = await me.authorKey(manifest.author, fromUtf8(one.manifest.data));
  const programs = { opener: await program("opener"), script: await program("script") };
  const total = sizeIn(manifest);
  const step = every(10);
  let before = 0;
  for (const file of manifest.files) {
    const got = (bytes: number): void => {
      const share = Math.floor((100 * (before + bytes)) / total);
      if (step(before + bytes, total)) say(form, `Fetching what is sealed: ${share} in 100 parts are here.`);
    };
    files.set(file.name, await download(file, got));
    before += file.size;
  }
  say(form, "Everything is here. Checking it.");
  try {
    return await writeKit(files, one.manifest, key, keeper, programs);
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) throw tooMuch();
    if (!(error instanceof ManifestRefused)) throw error;
    throw new Refused(
      `${error.happened} No kit was saved.`,
      "Try again. If it happens again, the host does not hold the right files: tell whoever runs it, and ask another " +
        "keeper for their kit.",
    );
  }
}

/** What a browser says of a blob that it could not keep is no more than "network error". */
function tooMuch(): Refused {
  return new Refused(
    "This browser could not keep all of it until the end. No kit was saved; what lies at the host is unharmed.",
    "Try it on a computer, in an ordinary window with little else open, or save it by the command that stands below.",
  );
}

function sizeIn(manifest: Manifest): number {
  return manifest.files.reduce((sum, { size }) => sum + size, 0);
}

/** What every kit holds besides. The address says how its hash begins: an old or a cut one is met now as well. */
async function program(name: "opener" | "script"): Promise<string> {
  const address = given(name);
  let text: string;
  try {
    const answer = await fetch(address);
    text = await answer.text();
  } catch {
    throw unreachable("GET");
  }
  const begins = new URL(address, location.href).searchParams.get("v") ?? "?";
  if (sha256Hex(utf8(text)).startsWith(begins)) return text;
  throw new Refused(
    "A part of every kit, the page that opens it, did not come whole. No kit was saved.",
    "Load the page again. If it happens twice, tell whoever runs the host.",
  );
}
