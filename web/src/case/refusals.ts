// Twin of src/lastwords/case/refusals.py: what the case refuses, each refusal in two parts.

/** The root of all refusals of a case: `happened` says what happened and what is unharmed, `do` what to do next. */
export class CaseRefused extends Error {
  readonly happened: string;
  readonly do: string;

  constructor(happened: string, what: string) {
    super(`${happened} ${what}`);
    this.happened = happened;
    this.do = what;
  }
}

/** A body or sheet that does not have the shape of its kind. */
export class NotReadable extends CaseRefused {}

/** An entry that says too little or contradicts itself. */
export class NotWritable extends CaseRefused {}

/** A measured value that no person has. */
export class Implausible extends CaseRefused {}

/** The refusal of a plain form; `why` is the end of a sentence. */
export function unreadable(why: string): NotReadable {
  return new NotReadable(
    `This cannot be read as a case record: ${why}. The log keeps it as it is.`,
    "Show it to whoever wrote it, and ask them to write it again as a correction.",
  );
}

/** The refusal of something a person is about to write; both are sentences without a full stop. */
export function unwritable(why: string, what: string): NotWritable {
  return new NotWritable(`${why}. Nothing was written.`, `${what}.`);
}
