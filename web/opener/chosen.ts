// What a person chose: kits, single files, of one version or of several. Which words they are, and whether all is there.
import { fromUtf8 } from "../src/signing/bytes.js";
import * as canonical from "../src/signing/canonical.js";
import { read, Signed } from "../src/signing/documents.js";
import { PublicKey } from "../src/signing/keys.js";
import { Manifest, type ManifestFile } from "../src/signing/manifest.js";
import { Refused } from "../src/signing/refusals.js";
import { hashOf } from "../src/sealing/hashed.js";
import { AUTHOR_FILE } from "../src/sealing/kit.js";
import { MANIFEST_FILE } from "../src/sealing/tracks.js";
import { unzip } from "./unzip.js";

/** A file that was chosen, by the last part of its name. */
export interface Chosen {
  readonly name: string;
  readonly file: Blob;
}

/** One version of words: its manifest, and whether its signature was checked with a key that fits. */
export interface Version {
  readonly manifest: Signed<Manifest>;
  readonly verified: boolean;
}

/** Take what was chosen; a zip is looked into. Throws ZipRefused. */
export async function take(files: Iterable<File>): Promise<Chosen[]> {
  const found: Chosen[] = [];
  for (const file of files) {
    if (!/\.zip$/i.test(file.name)) {
      found.push({ name: lastPart(file.name), file });
      continue;
    }
    for (const [name, content] of await unzip(file)) found.push({ name: lastPart(name), file: content });
  }
  return found;
}

/**
 * Return the newest version of every track for which a manifest was chosen, by each key that signed one.
 *
 * Every kit brings the key that its manifest is checked with, so that a false kit is signed as well as a genuine one: it
 * must not take the place of the others by calling itself newer. What the most kits hold comes first.
 *
 * Throws the Refused family for a manifest that is altered, and for two of one number that say different things.
 */
export async function versionsOf(chosen: readonly Chosen[]): Promise<Version[]> {
  const keys = new Map<string, PublicKey>();
  for (const { file } of named(chosen, AUTHOR_FILE)) {
    const key = PublicKey.read((await file.text()).trim());
    keys.set(key.fingerprint, key);
  }
  const newest = new Map<string, Version>();
  const kits = new Map<string, number>();
  for (const { file } of named(chosen, MANIFEST_FILE)) {
    const version = versionOf(new Uint8Array(await file.arrayBuffer()), keys);
    const { author, track, number } = version.manifest.document;
    const by = `${author} ${track} ${version.manifest.signer}`;
    const before = newest.get(by);
    kits.set(by, (kits.get(by) ?? 0) + 1);
    if (before?.manifest.document.number === number && before.manifest.digest !== version.manifest.digest) {
      throw new Refused(
        `Two manifests of ${track} have the number ${number} and say different things. Nothing was opened.`,
        "Ask the keepers which kit came from the author; one of them is not genuine.",
      );
    }
    const better =
      !before || number > before.manifest.document.number || (version.verified && !before.verified);
    if (better) newest.set(by, version);
  }
  const held = ([by]: readonly [string, Version]): number => kits.get(by) ?? 0;
  return [...newest].sort((one, other) => held(other) - held(one)).map(([, version]) => version);
}

/** The versions of the same words that another key has signed. */
export function rivalsOf({ manifest }: Version, versions: readonly Version[]): Version[] {
  const { author, track } = manifest.document;
  return versions.filter(({ manifest: { document, signer } }) => {
    return document.author === author && document.track === track && signer !== manifest.signer;
  });
}

function versionOf(data: Uint8Array, keys: ReadonlyMap<string, PublicKey>): Version {
  const envelope = canonical.decode(data);
  const members = canonical.isObject(envelope) ? envelope : {};
  const document = Manifest.fromValue(members["document"]);
  const signer = document.author_signing;
  if (members["signer"] !== signer) {
    throw new Refused(
      "The manifest names another author than the one who signed it. Nothing was opened.",
      "Take it again from another keeper's kit; do not trust this copy.",
    );
  }
  const key = keys.get(signer);
  if (key) return { manifest: read(data, Manifest, key), verified: true };
  return { manifest: new Signed(Manifest, document, new Uint8Array(), signer), verified: false };
}

/** The chosen file that is, byte for byte, the one that the author signed; nothing if none of that name is. */
export async function genuine(chosen: readonly Chosen[], wanted: ManifestFile): Promise<Blob | undefined> {
  for (const { file } of named(chosen, wanted.name)) {
    if (file.size !== wanted.size) continue;
    const [sha256] = await hashOf(file);
    if (sha256 === wanted.sha256) return file;
  }
  return undefined;
}

/** All chosen files of this name: several kits hold the same ones. */
export function named(chosen: readonly Chosen[], name: string): Chosen[] {
  return chosen.filter((one) => one.name === name);
}

/** The text of a file, or nothing if it is none. */
export async function textOf(file: Blob): Promise<string> {
  return fromUtf8(new Uint8Array(await file.arrayBuffer())) ?? "";
}

function lastPart(name: string): string {
  return name.split("/").at(-1) ?? name;
}
