"""Answers to a letter as mail programs really write them, each with the code that a person would read out of it.

In the texts @LETTER@ is the Message-ID of the letter answered, @DATE@ the moment of the answer. The code that was given
is `CODE` or `NUMBER`; `EARLIER` stands in what is quoted, signed, forwarded or attached, and was not given now.
"""

# ruff: noqa: E501  (the texts are not ours to break)

import base64
from dataclasses import dataclass

CODE = "kmnpqrstuvwx2345"
NUMBER = "271828"
EARLIER = "yzabcdefghjk6789"
NONE = ""
SPACED = "-".join(CODE[i : i + 4] for i in range(0, 16, 4))


@dataclass(frozen=True)
class Sample:
    """One answer: the program that wrote it, what is about it, the code that is read, and the mail."""

    program: str
    about: str
    code: str
    text: str

    def mail(self, ident: str, date: str = "Fri, 15 Jan 2027 08:00:00 +0000", code: str = "") -> bytes:
        """The bytes of the mail; `code` stands for the one that is given."""
        text = self.text.replace("@LETTER@", f"<{ident}@example.net>").replace("@DATE@", date)
        if code:
            text = text.replace(SPACED, code).replace(CODE, code).replace(NUMBER, code)
        return text.replace("\n", "\r\n").encode()


def mail(body: str, kind: str = "text/plain; charset=utf-8", head: str = "") -> str:
    """A mail that answers the letter."""
    return f"""Received: from out.example.org (out.example.org [192.0.2.9]) by mx.example.net; @DATE@
From: Iruka <iruka@example.org>
To: Last Words <words@example.net>
Subject: Re: Your check-in is due
Date: @DATE@
Message-ID: <made-up@example.org>
In-Reply-To: @LETTER@
References: @LETTER@
MIME-Version: 1.0
Content-Type: {kind}
{head}
{body}
"""


def both(plain: str, page: str) -> str:
    """A mail with a plain part and a page."""
    return mail(
        f"""--b0undary
Content-Type: text/plain; charset="UTF-8"

{plain}

--b0undary
Content-Type: text/html; charset="UTF-8"

{page}

--b0undary--""",
        'multipart/alternative; boundary="b0undary"',
    )


def page(body: str) -> str:
    """A mail that is a page and nothing else."""
    return mail(
        f"<html><head><title>{EARLIER}</title></head><body>{body}</body></html>", "text/html; charset=utf-8"
    )


LETTER = """> Hello Iruka. Your next check-in is due by Sunday 17 January 2027, 20:00
> (Lisbon). Open Last Words and press I'm here.
>
> > yzab-cdef-ghjk-6789
>
> This mail has no link and needs no reply."""
BARE = LETTER.replace("> > ", "").replace("> ", "").replace(">", "")
GMAIL = "On Fri, Jan 15, 2027 at 8:00 AM Last Words <words@example.net> wrote:"
TWO = "On Fri, Jan 15, 2027 at 8:00 AM, Last Words of the Konoha Academy\n<words@example.net> wrote:"
OUTLOOK = """________________________________
From: Last Words <words@example.net>
Sent: Friday, January 15, 2027 8:00 AM
To: Iruka <iruka@example.org>
Subject: Your check-in is due
"""
QP = base64.b64encode(f"{SPACED}\r\n\r\nÀ bientôt\r\n".encode()).decode()

SAMPLES = (
    # Plain text.
    Sample("gmail", "above the letter", CODE, mail(f"{SPACED}\n\n{GMAIL}\n\n{LETTER}")),
    Sample("gmail", "page and plain", CODE, both(f"{SPACED}\n\n{GMAIL}\n\n{LETTER}", "<div>another thing</div>")),
    Sample("gmail", "two lines of who wrote", CODE, mail(f"{SPACED}\n\n{TWO}\n\n{LETTER}")),
    Sample("gmail", "on a telephone, with a footer", CODE, mail(f"{CODE}\n\nSent from my iPhone\n\n{GMAIL}\n{LETTER}")),
    Sample("outlook", "above, nothing marked", CODE, mail(f"{SPACED}\n\nKind regards\nIruka\n\n{OUTLOOK}\n{BARE}")),
    Sample("outlook", "original message", CODE, mail(f"{SPACED}\n\n-----Original Message-----\nFrom: Last Words\n\n{BARE}")),
    Sample("outlook", "in german", CODE, mail(f"{SPACED}\n\nVon: Last Words <words@example.net>\nGesendet: Freitag\n\n{BARE}")),
    Sample("outlook", "in french", CODE, mail(f"{SPACED}\n\nDe : Last Words <words@example.net>\nEnvoyé : vendredi\n\n{BARE}")),
    Sample("apple mail", "above", CODE, mail(f"{SPACED}\n\n> On 15 Jan 2027, at 08:00, Last Words <words@example.net> wrote:\n> \n{LETTER}")),
    Sample("apple mail", "in german, nothing marked", CODE, mail(f"{SPACED}\n\nAm 15.01.2027 um 08:00 schrieb Last Words <words@example.net>:\n\n{BARE}")),
    Sample("thunderbird", "below the letter", CODE, mail(f"On 1/15/27 08:00, Last Words wrote:\n{LETTER}\n\n{SPACED}\n")),
    Sample("thunderbird", "in german, below", CODE, mail(f"Am 15.01.27 um 08:00 schrieb Last Words:\n{LETTER}\n\n{SPACED}\n")),
    Sample("thunderbird", "in french", CODE, mail(f"{SPACED}\n\nLe 15/01/2027 à 08:00, Last Words a écrit :\n{LETTER}")),
    Sample("thunderbird", "in russian", CODE, mail(f"{SPACED}\n\n15.01.2027 8:00, Last Words пишет:\n{LETTER}")),
    Sample("mutt", "below, with a signature", CODE, mail(f"On Fri, Jan 15, 2027 at 08:00:00AM +0000, Last Words wrote:\n{LETTER}\n\n{SPACED}\n\n-- \nIruka\n{EARLIER}")),
    Sample("mutt", "between quotations", CODE, mail(f"On Fri, Jan 15, 2027, Last Words wrote:\n> Hello Iruka.\n\n{SPACED}\n\n{LETTER}")),
    Sample("mutt", "signed with PGP", CODE, mail(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{SPACED}\n-----BEGIN PGP SIGNATURE-----\n\n{EARLIER}\n-----END PGP SIGNATURE-----")),
    Sample("k-9", "number, short signature", NUMBER, mail(f"{NUMBER}\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn January 15, 2027 8:00:00 AM UTC, Last Words <words@example.net> wrote:\n{BARE}")),
    Sample("k-9", "signed by program, flowed", NUMBER, mail(f"271 828\n\n{GMAIL}\n{LETTER}", "text/plain; charset=utf-8; format=flowed")),
    Sample("yahoo", "in spanish", CODE, mail(f"{SPACED}\n\nEl viernes, 15 de enero de 2027, Last Words escribió:\n\n{BARE}")),
    Sample("yandex", "an address and a colon", CODE, mail(f'{SPACED}\n\n15.01.2027, 08:00, "Last Words" <words@example.net>:\n{BARE}')),
    Sample("a japanese program", "wide digits", NUMBER, mail(f"２７１８２８\n\n2027年1月15日(金) 8:00 Last Words <words@example.net>のメール:\n{BARE}")),
    # Ways to write a code.
    Sample("any", "spaces", CODE, mail("kmnp qrst uvwx 2345")),
    Sample("any", "capitals and a full stop", CODE, mail("KMNP-QRST-UVWX-2345.")),
    Sample("any", "long hyphens and hard spaces", CODE, mail("kmnp–qrst —\u00a0uvwx‑2345")),
    Sample("any", "number with a hyphen", NUMBER, mail("271-828")),
    Sample("any", "bold, in quotation marks", CODE, mail(f"*“{SPACED}”*")),
    Sample("any", "after a greeting", CODE, mail(f"Hello,\n\nI am well.\n\n{SPACED}\n\nIruka")),
    # How it travels.
    Sample("any", "base64", CODE, mail(QP, "text/plain; charset=utf-8", "Content-Transfer-Encoding: base64\n")),
    Sample("any", "quoted-printable", CODE, mail("kmnp-qrst-=\nuvwx-2345\n\n=C3=80 bient=C3=B4t", "text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable\n")),
    Sample("any", "an unknown charset", CODE, mail(f"{SPACED}\n", "text/plain; charset=x-unheard-of")),
    Sample("any", "only in the thread's references", CODE, mail(f"{SPACED}\n").replace("In-Reply-To: @LETTER@", "In-Reply-To: <somebody@example.org>")),
    Sample("any", "an attachment beside it", CODE, mail(f"--b\nContent-Type: text/plain\n\n{SPACED}\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n{EARLIER}\n--b--", "multipart/mixed; boundary=b")),
    Sample("apple mail", "signed with S/MIME", CODE, mail(f"--b\nContent-Type: text/plain\n\n{SPACED}\n--b\nContent-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--", "multipart/signed; boundary=b")),
    # Pages.
    Sample("gmail", "page alone", CODE, page(f'<div dir="ltr">{SPACED}</div><br><div class="gmail_quote"><div class="gmail_attr">On Friday:<br></div><blockquote>{EARLIER}</blockquote></div>')),
    Sample("gmail", "page with a signature", CODE, page(f'<div>{SPACED}</div><div class="gmail_signature"><div>{EARLIER}</div></div>')),
    Sample("outlook", "page alone", CODE, page(f"<p>{SPACED}</p><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>From:</b> Last Words</div><p>{EARLIER}</p>")),
    Sample("outlook", "page with a line above the letter", CODE, page(f"<p class=MsoNormal>{SPACED}<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>From: Last Words</p></div><p>{EARLIER}</p>")),
    Sample("apple mail", "page alone", CODE, page(f'<div>{SPACED}</div><blockquote type="cite"><div>{EARLIER}</div><blockquote>x</blockquote>{EARLIER}</blockquote>')),
    Sample("thunderbird", "page, below the letter", CODE, page(f'<div class="moz-cite-prefix">On 1/15/27, Last Words wrote:<br></div><blockquote>{EARLIER}</blockquote><p>kmnp&nbsp;qrst&#8209;<b>uvwx</b>-2345</p>')),
    Sample("any", "an empty plain part and a page", NUMBER, both("", f"<p>{NUMBER}</p><style>.x {{ }}</style>")),
    # Nothing to read.
    Sample("any", "two codes", NONE, mail(f"{SPACED}\nyzab-cdef-ghjk-6789")),
    Sample("any", "a code and a number", NONE, mail(f"{SPACED}\n{NUMBER}")),
    Sample("any", "in a sentence", NONE, mail(f"My code is {SPACED} and I am well.")),
    Sample("any", "letters that are in no code", NONE, mail("Sent from my iPhone\nsentfrommyiphone")),
    Sample("any", "a long digit row", NONE, mail("2718281\n12 34 56\n+49 30 271828")),
    Sample("any", "I'm here", NONE, mail(f"I'm here.\n\n{GMAIL}\n{LETTER}")),
    Sample("any", "far below", NONE, mail("a line\n" * 9 + SPACED)),
    Sample("any", "an answer to nothing", NONE, mail(SPACED).replace("@LETTER@", "<somebody@example.org>")),
    Sample("gmail", "in the quoted part alone", NONE, mail(f"Thank you.\n\n{GMAIL}\n\n{LETTER}")),
    Sample("outlook", "in what is below a line alone", NONE, mail(f"Thank you.\n\n{OUTLOOK}\n{BARE}")),
    Sample("outlook", "in german, in the original alone", NONE, mail(f"Danke\n\n-----Ursprüngliche Nachricht-----\n{BARE}")),
    Sample("apple mail", "in german, quoted with no mark", NONE, mail(f"Danke\n\nAm 15.01.2027 schrieb Last Words <words@example.net>:\n\n{BARE}")),
    Sample("thunderbird", "in the signature alone", NONE, mail(f"Thank you.\n-- \n{EARLIER}")),
    Sample("gmail", "page, in the quoted part alone", NONE, page(f'<div>Thank you.</div><div class="gmail_quote"><div>On Friday</div><blockquote>{EARLIER}</blockquote></div>')),
    Sample("apple mail", "page, in a quotation never closed", NONE, page(f"<div>Thank you.</div><blockquote><p>{EARLIER}<p>x")),
    Sample("gmail", "forwarded", NONE, mail(f"---------- Forwarded message ---------\nFrom: Iruka <iruka@example.org>\n\n{EARLIER}")),
    Sample("apple mail", "forwarded", NONE, mail(f"Begin forwarded message:\n\n{EARLIER}")),
    Sample("mutt", "forwarded whole", NONE, mail(f"--b\nContent-Type: message/rfc822\n\nSubject: x\n\n{EARLIER}\n--b--", "multipart/mixed; boundary=b")),
    Sample("any", "attached alone", NONE, mail(f"--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\n{EARLIER}\n--b--", "multipart/mixed; boundary=b")),
)  # fmt: skip


def automatic(head: str, kind: str = "text/plain; charset=utf-8", body: str = SPACED) -> str:
    """An answer that a program wrote, with a right code in its own text: the worst that can be quoted."""
    return mail(body, kind, f"{head}\n" if head else "")


REPORT = f"--b\nContent-Type: text/plain\n\n{SPACED}\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--"
AUTOMATIC = (
    ("vacation", automatic("Auto-Submitted: auto-replied (vacation)")),
    ("another word for it", automatic("Auto-Submitted: auto-generated")),
    ("a word nobody knows", automatic("Auto-Submitted: yes")),
    ("bulk", automatic("Precedence: bulk")),
    ("a mailing list", automatic("Precedence: list")),
    ("auto_reply", automatic("Precedence: auto_reply")),
    ("an older mark", automatic("X-Autoreply: yes")),
    ("a responder", automatic("X-Autorespond: Your check-in is due")),
    ("a ticket", automatic("X-Autoresponder: desk")),
    ("exchange", automatic("X-MS-Exchange-Inbox-Rules-Loop: iruka@example.org")),
    ("no sender", "Return-Path: <>\n" + automatic("")),
    ("in german", automatic("").replace("Re: Your check-in is due", "Automatische Antwort: Your check-in is due")),
    ("out of office", automatic("").replace("Re: Your check-in is due", "Out of Office: Your check-in is due")),
    ("a receipt for reading", automatic("", "multipart/report; report-type=disposition-notification; boundary=b", REPORT)),
    ("a delivery report", automatic("", "multipart/report; report-type=delivery-status; boundary=b", REPORT.replace("disposition-notification", "delivery-status"))),
)  # fmt: skip
"""What programs wrote, each with the right code where a person would have put it."""
