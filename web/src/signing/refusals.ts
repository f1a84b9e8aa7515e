// Twin of src/lastwords/signing/refusals.py: what signing refuses, each in two parts.

/** The root of all refusals: `happened` says what happened and what is unharmed, `do` what to do next. */
export class Refused extends Error {
  readonly happened: string;
  readonly do: string;

  constructor(happened: string, what: string) {
    super(`${happened} ${what}`);
    this.name = new.target.name;
    this.happened = happened;
    this.do = what;
  }
}

/** Bytes that are not canonical JSON. */
export class NotCanonical extends Refused {}

/** A document that does not have the shape of its kind. */
export class WrongShape extends Refused {}

/** A key text that cannot be read. */
export class BadKey extends Refused {}

/** A signature that does not fit. */
export class BadSignature extends Refused {}

/** A document whose signer is not the one expected. */
export class WrongSigner extends Refused {}

/** A manifest that does not follow the one before it. */
export class NotLinked extends Refused {}
