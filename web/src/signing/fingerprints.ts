// Twin of src/lastwords/signing/fingerprints.py: fingerprints of keys, and the eight words that are read out.
import { isAscii, sha256Hex, utf8 } from "./bytes.js";
import { learnt, type List } from "./lists.js";
import { BadKey } from "./refusals.js";

export const WORDS = 8;

/** The EFF's long list, from which the eight words come. */
export const EFF_LARGE: List = {
  name: "eff_large.txt",
  length: 7776,
  sha256: "6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522",
};

/** Return the fingerprint of a key's text: 64 lower-case hexadecimal digits. Throws BadKey if not ASCII. */
export function fingerprint(keyText: string): string {
  if (!isAscii(keyText) || keyText === "") {
    throw new BadKey(
      "A key's text is empty or holds characters that no key has.",
      "Copy the key again, whole.",
    );
  }
  return sha256Hex(utf8(keyText));
}

/** Return the fingerprint of a person from those of their sealing and their signing key. */
export function personFingerprint(sealing: string, signing: string): string {
  return sha256Hex(utf8(`lastwords/v1/person\n${sealing}\n${signing}\n`));
}

/** Return the eight words of a fingerprint, to be read out. Throws BadKey if `of` is not a fingerprint. */
export function eightWords(of: string): readonly string[] {
  if (!/^[0-9a-f]{64}$/.test(of)) {
    throw new BadKey(
      "What was given is not a fingerprint.",
      "Give the 64 digits, or make them anew from the key.",
    );
  }
  const { words } = learnt(EFF_LARGE);
  let number = BigInt("0x" + of);
  return Array.from({ length: WORDS }, () => {
    const place = Number(number % BigInt(words.length));
    number /= BigInt(words.length);
    return words[place] ?? "";
  });
}
