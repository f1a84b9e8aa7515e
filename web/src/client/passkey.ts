// Passkeys: one ceremony signs in at the host and unlocks the key here.
//
// A passkey of ours is asked for its PRF, a secret that only this passkey on this origin gives. It opens the locked key
// and stays in this page. What is posted is put together here field by field: the browser's own `toJSON()` would carry
// the PRF along, so it is never used.
import { Refused } from "../signing/refusals.js";
import { type Bytes, fromBase64url, random, toBase64url, utf8 } from "../signing/bytes.js";
import { post, useFormToken } from "./api.js";
import { LOCKED_KEY_LABEL } from "./keys.js";

/** Where a credential may be kept; two at one place are one. */
export type Place = "device" | "phone" | "security-key";

/** A passkey that was made: its number at the host, its id, and its PRF where it has one. */
export interface Made {
  readonly id: number;
  readonly credential: string;
  readonly prf: Uint8Array | undefined;
}

/** A passkey that was used: whose it is, the locked key it opens, and its PRF where it has one. */
export interface Used {
  readonly handle: string;
  readonly sealed: string | undefined;
  readonly prf: Uint8Array | undefined;
}

interface Question {
  readonly options: { readonly publicKey: Record<string, unknown> };
  readonly ticket: string;
}

interface Descriptor {
  readonly id: string;
  readonly transports?: AuthenticatorTransport[];
}

/** Whether this browser, on this page, can hold or ask for a passkey at all. */
export function canUse(): boolean {
  return window.isSecureContext && typeof PublicKeyCredential === "function";
}

/** Make a passkey for the signed-in person, by name and place. Throws Refused. */
export async function make(name: string, place: Place): Promise<Made> {
  const question = await post<Question & Record<string, unknown>>("/me/passkeys/asked");
  const options = question.options.publicKey as unknown as PublicKeyCredentialCreationOptionsJSON;
  const publicKey: PublicKeyCredentialCreationOptions = {
    rp: options.rp,
    pubKeyCredParams: options.pubKeyCredParams,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((one) => descriptor(one as Descriptor)),
    authenticatorSelection: options.authenticatorSelection ?? {},
    attestation: "none",
    extensions: { credProps: true, prf: { eval: { first: utf8(LOCKED_KEY_LABEL) } } },
  };
  const credential = await ceremony(() => navigator.credentials.create({ publicKey }));
  const answer = credential.response as AuthenticatorAttestationResponse;
  const kept = await post<{ id: number; credential: string }>("/me/passkeys", {
    name,
    place,
    ticket: question.ticket,
    credential: withoutSecrets(credential, {
      clientDataJSON: text(answer.clientDataJSON),
      attestationObject: text(answer.attestationObject),
      transports: answer.getTransports(),
    }),
  });
  const { prf } = credential.getClientExtensionResults();
  if (!prf?.enabled && !prf?.results) return { ...kept, prf: undefined };
  // Some give the PRF at once, others only when they are used.
  return { ...kept, prf: firstOf(prf) ?? (await prfOf(kept.credential)) };
}

/** Ask for a passkey, whosever it is: signs in, or proves the signed-in person again. Throws Refused. */
export async function use(): Promise<Used> {
  const asked = await ask();
  const signed = await post<{ handle: string; form_token: string; sealed: string | null }>(
    "/passkeys/answered",
    { credential: asked.credential, ticket: asked.ticket },
  );
  useFormToken(signed.form_token);
  return { handle: signed.handle, sealed: signed.sealed ?? undefined, prf: asked.prf };
}

/** Ask for a passkey as a check-in: what the host takes as `passkey`. Throws Refused. */
export async function asCheckIn(): Promise<{ credential: Record<string, unknown>; ticket: string }> {
  const { credential, ticket } = await ask();
  return { credential, ticket };
}

async function ask() {
  const question = await post<Question & Record<string, unknown>>("/passkeys/asked");
  const options = question.options.publicKey as unknown as PublicKeyCredentialRequestOptionsJSON;
  const credential = await get({
    challenge: bytes(options.challenge),
    ...(options.rpId === undefined ? {} : { rpId: options.rpId }),
    userVerification: "required",
  });
  const answer = credential.response as AuthenticatorAssertionResponse;
  return {
    ticket: question.ticket,
    prf: firstOf(credential.getClientExtensionResults().prf),
    credential: withoutSecrets(credential, {
      clientDataJSON: text(answer.clientDataJSON),
      authenticatorData: text(answer.authenticatorData),
      signature: text(answer.signature),
      userHandle: answer.userHandle ? text(answer.userHandle) : null,
    }),
  };
}

/** The PRF of one passkey, asked for here alone: nothing of this ceremony is sent. */
async function prfOf(credential: string): Promise<Uint8Array | undefined> {
  const only = descriptor({ id: credential });
  const used = await get({ challenge: random(32), allowCredentials: [only], userVerification: "required" });
  return firstOf(used.getClientExtensionResults().prf);
}

function get(options: PublicKeyCredentialRequestOptions): Promise<PublicKeyCredential> {
  const prf = { eval: { first: utf8(LOCKED_KEY_LABEL) } };
  return ceremony(() => navigator.credentials.get({ publicKey: { ...options, extensions: { prf } } }));
}

/** What may be posted of a credential: of its extensions' results only whether it is resident. */
function withoutSecrets(credential: PublicKeyCredential, response: Record<string, unknown>) {
  const { credProps } = credential.getClientExtensionResults();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credProps ? { credProps: { rk: credProps.rk ?? null } } : {},
  };
}

async function ceremony(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!canUse()) {
    throw new Refused(
      "This browser has no passkeys, or this page is not reached safely. Nothing was changed.",
      "Use your passphrase, or the words of your sheet or card.",
    );
  }
  let credential: Credential | null;
  try {
    credential = await work();
  } catch {
    credential = null; // which of many reasons it was, browsers do not say, so that pages cannot try people out
  }
  if (credential instanceof PublicKeyCredential) return credential;
  throw new Refused(
    "The passkey was not used: the window was closed, it took too long, or there is none here. Nothing was changed.",
    "Try once more, or use your passphrase, or the words of your sheet or card.",
  );
}

function firstOf(prf: AuthenticationExtensionsPRFOutputs | undefined): Uint8Array | undefined {
  const first = prf?.results?.first;
  if (!first) return undefined;
  return first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer.slice(0));
}

function descriptor(one: Descriptor): PublicKeyCredentialDescriptor {
  const more = one.transports ? { transports: one.transports } : {};
  return { type: "public-key", id: bytes(one.id), ...more };
}

function bytes(base64url: string): Bytes {
  return fromBase64url(base64url.replace(/=+$/, "")) ?? new Uint8Array(0);
}

function text(data: ArrayBuffer): string {
  return toBase64url(new Uint8Array(data));
}
