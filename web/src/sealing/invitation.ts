// Twin of src/lastwords/sealing/invitation.py: keys reach the author without a server in between.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  type Bytes,
  fromBase64url,
  fromHex,
  hex,
  isAscii,
  random,
  same,
  toBase64url,
  utf8,
} from "../signing/bytes.js";
import * as canonical from "../signing/canonical.js";
import { PublicKey } from "../signing/keys.js";
import { Refused } from "../signing/refusals.js";
import { HybridPublicKey, readPublicKey } from "./age/keys.js";
import { type PersonKeys, PublicKeys } from "./person.js";
import { InvitationRefused } from "./refusals.js";

export const SECRET_BYTES = 16;

const MARK = "lw1";
const LABEL = "lastwords/v1/invitation";
const KEYS = ["sealing", "signing", "sign_in"] as const;
type Texts = Readonly<Record<(typeof KEYS)[number], string>>;

/** A secret of 16 bytes and the author's signing fingerprint (64 hexadecimal digits). */
export class Invitation {
  constructor(
    readonly secret: Uint8Array,
    readonly author: string,
  ) {}

  /** Make an invitation from the browser's randomness. */
  static new(authorSigningFingerprint: string): Invitation {
    return new Invitation(random(SECRET_BYTES), authorSigningFingerprint);
  }

  /** Read the fragment of a link, with or without `#`. Throws InvitationRefused. */
  static read(fragment: string): Invitation {
    const [mark, secretText = "", ...rest] = fragment.trim().replace(/^#/, "").split(".");
    const secret = fromBase64url(secretText);
    const author = fromBase64url(rest.join("."));
    if (mark !== MARK || secret?.length !== SECRET_BYTES || author?.length !== 32) {
      throw refused("the link is not whole", "Copy the link again, with everything after the # sign.");
    }
    return new Invitation(secret, hex(author));
  }

  /** What stands after the # of the link: `lw1.<secret>.<author>`, both base64url. */
  get fragment(): string {
    return `${MARK}.${toBase64url(this.secret)}.${toBase64url(fromHex(this.author))}`;
  }

  /** A name for the invitation that the server may know: 32 hexadecimal digits, derived one way. */
  get id(): string {
    return hex(hmac(sha256, this.secret, utf8(`${LABEL}/id\n`)).subarray(0, 16));
  }

  /** Return the HMAC-SHA256 of one key's text, 64 hexadecimal digits: label, author and text, by line feeds. */
  mac(key: string, text: string): string {
    return hex(hmac(sha256, this.secret, utf8(`${LABEL}/${key}\n${this.author}\n${text}`)));
  }
}

/** Return the answer with the person's three public keys, as canonical JSON. */
export function answer(invitation: Invitation, person: PersonKeys): Bytes {
  const { sealing, signing, signIn } = person.public;
  const texts: Texts = { sealing, signing, sign_in: signIn };
  const macs = Object.fromEntries(KEYS.map((key) => [key, invitation.mac(key, texts[key])]));
  return canonical.encode({ invitation: invitation.id, keys: texts, macs });
}

/**
 * Return the keys of an answer if all were sent by somebody who holds the invitation.
 *
 * Throws InvitationRefused; the author should then take the answer as an attempt to swap a key.
 */
export function checkAnswer(invitation: Invitation, data: Uint8Array): PublicKeys {
  const value = decoded(data);
  const texts = textsOf(value, "keys");
  const macs = textsOf(value, "macs");
  if (!texts || !macs || value?.["invitation"] !== invitation.id) {
    throw refused("the answer belongs to another invitation or is not whole", "Ask for the answer again.");
  }
  for (const key of KEYS) {
    if (!same(utf8(invitation.mac(key, texts[key])), utf8(macs[key]))) {
      throw refused(
        `the ${key.replaceAll("_", "-")} key was not sent by the person you invited`,
        "Do not use it. Call them, compare the eight words, and send a new invitation by another way.",
      );
    }
  }
  if (!isWhole(texts)) {
    throw refused("a key in the answer cannot be used", "Ask them to answer with the current program.");
  }
  return new PublicKeys(texts.sealing, texts.signing, texts.sign_in);
}

function decoded(data: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = canonical.decode(data);
    return canonical.isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return undefined;
  }
}

/** Return the three texts of a member, or nothing if they are not exactly those. */
function textsOf(value: Readonly<Record<string, unknown>> | undefined, name: string): Texts | undefined {
  if (!value || Object.keys(value).join() !== "invitation,keys,macs") return undefined;
  const texts = value[name];
  if (!canonical.isObject(texts) || Object.keys(texts).join() !== "sealing,sign_in,signing") return undefined;
  return Object.values(texts).every((text) => typeof text === "string" && isAscii(text))
    ? (texts as unknown as Texts)
    : undefined;
}

function isWhole(texts: Texts): boolean {
  try {
    PublicKey.read(texts.signing);
    PublicKey.read(texts.sign_in);
    return readPublicKey(texts.sealing) instanceof HybridPublicKey;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return false;
  }
}

function refused(reason: string, what: string): InvitationRefused {
  return new InvitationRefused(`The invitation was refused: ${reason}. Nobody was added.`, what);
}
