// Whom a person knows by hand: an author's fingerprint that came with an invitation or a card, not from the host.
//
// It is no secret, and it must not be forgotten while the browser is used: what a host shows later is held against it.
// Another browser learns it from the paper again.

/** An author's signing fingerprint (64 hexadecimal digits), and what it came by. */
export interface Pin {
  readonly signing: string;
  readonly how: "invitation" | "card";
}

/** Remember an author for this person; another fingerprint than the one known is refused. */
export function pin(handle: string, author: string, known: Pin): boolean {
  const before = pinOf(handle, author);
  if (before) return before.signing === known.signing;
  localStorage.setItem(name(handle, author), JSON.stringify(known));
  return true;
}

/** What this person knows an author by, or nothing. */
export function pinOf(handle: string, author: string): Pin | undefined {
  const text = localStorage.getItem(name(handle, author));
  return text === null ? undefined : (JSON.parse(text) as Pin);
}

function name(handle: string, author: string): string {
  return `lastwords.pin ${handle} ${author}`;
}
