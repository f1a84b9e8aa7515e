"""Returned mail as mail servers really write it: the shape of each server, filled in with what can have happened.

Each row names the class that a person would give it who reads the whole mail. The texts are those of the servers
themselves; addresses, hosts and queue names are made up.
"""

# ruff: noqa: E501  (a row is a row, and the texts are not ours to break)

from dataclasses import dataclass

from lastwords.server.returned import Kind

ADDRESS = "iruka@example.org"
SENDER = "words@example.net"
GONE, NOT_NOW, LATE, ARRIVED = Kind.GONE, Kind.NOT_NOW, Kind.LATE, Kind.ARRIVED
AUTOMATIC, OTHER = Kind.AUTOMATIC, Kind.OTHER


@dataclass(frozen=True)
class Sample:
    """One mail: who wrote it, what it is about, how a person would class it, and its bytes for a letter's name."""

    shape: str
    about: str
    kind: Kind
    text: str

    def mail(self, ident: str, address: str = ADDRESS) -> bytes:
        text = self.text.replace("@IDENT@", f"<{ident}@example.net>").replace("@ADDRESS@", address)
        return text.replace("\n", "\r\n").encode()


LETTER = f"""Received: from host.example.net (host.example.net [192.0.2.7]) by mx.example.com; Fri, 15 Jan 2027 08:00:03 +0000
From: Last Words <{SENDER}>
To: @ADDRESS@
Subject: Your check-in was due
Date: Fri, 15 Jan 2027 08:00:00 +0000
Message-ID: @IDENT@
Auto-Submitted: auto-generated
Content-Type: text/plain; charset="utf-8"
"""


def _report(
    head: str, text: str, fields: str, back: str = "message/rfc822", kind: str = "message/delivery-status"
) -> str:
    """A multipart/report with its three parts."""
    letter = LETTER + ("\nHello Iruka.\n" if back == "message/rfc822" else "")
    return f"""Return-Path: <>
{head}
To: {SENDER}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b0undary"

This is a MIME-encapsulated message.

--b0undary
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

{text}

--b0undary
Content-Description: Delivery report
Content-Type: {kind}

{fields}

--b0undary
Content-Description: Undelivered Message
Content-Type: {back}

{letter}
--b0undary--
"""


def postfix(status: str, said: str, action: str = "failed") -> str:
    subject = {
        "failed": "Undelivered Mail Returned to Sender",
        "delayed": "Delayed Mail (still being retried)",
    }
    return _report(
        f"From: MAILER-DAEMON@mail.example.net (Mail Delivery System)\n"
        f"Subject: {subject.get(action, 'Successful Mail Delivery Report')}\nAuto-Submitted: auto-replied",
        "This is the mail system at host mail.example.net.\n\n"
        "I'm sorry to have to inform you that your message could not\n"
        f"be delivered to one or more recipients. It's attached below.\n\n<@ADDRESS@>: {said}",
        "Reporting-MTA: dns; mail.example.net\nX-Postfix-Queue-ID: 4F1B22005B\n"
        f"X-Postfix-Sender: rfc822; {SENDER}\nArrival-Date: Fri, 15 Jan 2027 08:00:01 +0000 (UTC)\n\n"
        f"Final-Recipient: rfc822; @ADDRESS@\nOriginal-Recipient: rfc822;@ADDRESS@\nAction: {action}\n"
        f"Status: {status}\nRemote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {said}",
        back="message/rfc822" if action == "failed" else "text/rfc822-headers",
    )


def sendmail(status: str, said: str, action: str = "failed") -> str:
    return _report(
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mail.example.net>\n"
        f"Subject: {'Warning: could not send message for past 4 hours' if action == 'delayed' else 'Returned mail: see transcript for details'}\n"
        "Auto-Submitted: auto-generated (failure)",
        "The original message was received at Fri, 15 Jan 2027 08:00:01 GMT\nfrom localhost [127.0.0.1]\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n<@ADDRESS@>\n"
        f"    (reason: {said})\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.org.:\n"
        f">>> DATA\n<<< {said}",
        "Reporting-MTA: dns; mail.example.net\nReceived-From-MTA: DNS; localhost\n\n"
        f"Final-Recipient: RFC822; @ADDRESS@\nAction: {action}\nStatus: {status}\n"
        f"Remote-MTA: DNS; mx.example.org\nDiagnostic-Code: SMTP; {said}\nLast-Attempt-Date: Fri, 15 Jan 2027 08:00:02 GMT",
    )


def exim(said: str, status: str = "5.0.0", action: str = "failed") -> str:
    return _report(
        "From: Mail Delivery System <Mailer-Daemon@mail.example.net>\nX-Failed-Recipients: @ADDRESS@\n"
        "Subject: Mail delivery failed: returning message to sender\nAuto-Submitted: auto-replied",
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        f"recipients. This is a permanent error. The following address(es) failed:\n\n  @ADDRESS@\n    {said}",
        f"Reporting-MTA: dns; mail.example.net\n\nAction: {action}\nFinal-Recipient: rfc822;@ADDRESS@\nStatus: {status}\n"
        f"Remote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {said}",
    )


def exim_old(said: str) -> str:
    return (
        f"Return-Path: <>\nX-Failed-Recipients: @ADDRESS@\nAuto-Submitted: auto-replied\n"
        f"From: Mail Delivery System <Mailer-Daemon@mail.example.net>\nTo: {SENDER}\n"
        "Subject: Mail delivery failed: returning message to sender\n\n"
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        f"recipients. This is a permanent error. The following address(es) failed:\n\n  @ADDRESS@\n    {said}\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\nReturn-path: <{SENDER}>\n{LETTER}\nHello Iruka.\n"
    )


def qmail(said: str) -> str:
    return (
        f"Return-Path: <>\nReceived: (qmail 22373 invoked for bounce); 15 Jan 2027 08:00:05 -0000\n"
        f"From: MAILER-DAEMON@mail.example.net\nTo: {SENDER}\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mail.example.net.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        f"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<@ADDRESS@>:\n{said}\n\n"
        f"--- Below this line is a copy of the message.\n\nReturn-Path: <{SENDER}>\n{LETTER}\nHello Iruka.\n"
    )


def exchange(
    status: str, said: str, action: str = "failed", subject: str = "Undeliverable: Your check-in was due"
) -> str:
    return _report(
        f"From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>\nSubject: {subject}\n"
        "X-MS-Exchange-Message-Is-Ndr:\nAuto-Submitted: auto-replied\nIn-Reply-To: @IDENT@\nReferences: @IDENT@",
        f"Delivery has failed to these recipients or groups:\n\nIruka (@ADDRESS@)<mailto:@ADDRESS@>\n{said}\n\n"
        "Diagnostic information for administrators:\nGenerating server: AM0PR01MB1234.eurprd01.prod.exchangelabs.com",
        "Reporting-MTA: dns;AM0PR01MB1234.eurprd01.prod.exchangelabs.com\nReceived-From-MTA: dns;mail.example.net\n"
        "Arrival-Date: Fri, 15 Jan 2027 08:00:02 +0000\n\n"
        f"Final-Recipient: rfc822;@ADDRESS@\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp;{said}\n"
        "X-Display-Name: Iruka",
    )


def gmail(status: str, said: str, action: str = "failed") -> str:
    subject = "Failure" if action == "failed" else "Delay"
    return _report(
        f"From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification ({subject})\n"
        f"Auto-Submitted: auto-replied\nX-Failed-Recipients: @ADDRESS@\nReferences: @IDENT@\nIn-Reply-To: @IDENT@",
        f"** Address not found **\n\nYour message wasn't delivered to @ADDRESS@. The response from the remote server was:\n{said}",
        f"Reporting-MTA: dns; googlemail.com\nArrival-Date: Fri, 15 Jan 2027 00:00:01 -0800 (PST)\nX-Original-Message-ID: @IDENT@\n\n"
        f"Final-Recipient: rfc822; @ADDRESS@\nAction: {action}\nStatus: {status}\nRemote-MTA: dns; mx.example.org\n"
        f"Diagnostic-Code: smtp; {said}\nLast-Attempt-Date: Fri, 15 Jan 2027 00:00:02 -0800 (PST)",
        back="message/rfc822",
    )


def amazon(status: str, said: str) -> str:
    return _report(
        "From: MAILER-DAEMON@amazonses.com\nSubject: Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\n@ADDRESS@",
        f"Reporting-MTA: dns; a8-50.smtp-out.amazonses.com\n\nAction: failed\nFinal-Recipient: rfc822; @ADDRESS@\n"
        f"Diagnostic-Code: smtp; {said}\nStatus: {status}",
    )


def opensmtpd(status: str, said: str, action: str = "failed") -> str:
    return _report(
        "From: Mailer Daemon <MAILER-DAEMON@mail.example.net>\nSubject: Delivery status notification: error",
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n"
        f"    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n@ADDRESS@: {said}",
        f"Reporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822; @ADDRESS@\nAction: {action}\nStatus: {status}",
        back="text/rfc822-headers",
    )


def courier(status: str, said: str, action: str = "failed") -> str:
    return _report(
        'From: "Courier mail server at mail.example.net" <@>\nSubject: NOTICE: mail delivery status.',
        f"This is a delivery status notification from mail.example.net,\nrunning the Courier mail server.\n\n"
        f"                           UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<@ADDRESS@>:\n    {said}",
        f"Reporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822; @ADDRESS@\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {said}",
        back="text/rfc822-headers",
    )


def domino(said: str) -> str:
    return _report(
        "From: Postmaster@example.org\nSubject: DELIVERY FAILURE: User iruka (@ADDRESS@) not listed in Domino Directory",
        f"Your message\n\n  Subject: Your check-in was due\n\nwas not delivered to:\n\n  @ADDRESS@\n\nbecause:\n\n  {said}",
        f"Reporting-MTA: dns;domino.example.org\n\nFinal-Recipient: rfc822;@ADDRESS@\nAction: failed\nStatus: 5.1.1\n"
        f"Diagnostic-Code: X-Notes; {said}",
        back="text/rfc822-headers",
    )


def dovecot(said: str) -> str:
    return f"""Return-Path: <>
From: Mail Delivery Subsystem <postmaster@mail.example.org>
To: {SENDER}
Subject: Rejected: Your check-in was due
Auto-Submitted: auto-replied (rejected)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="dove/1"

This is a MIME-encapsulated message

--dove/1
Content-Type: text/plain; charset=utf-8

Your message to <@ADDRESS@> was automatically rejected:
{said}
--dove/1
Content-Type: message/disposition-notification

Reporting-UA: mail.example.org; Dovecot Mail Delivery Agent
Final-Recipient: rfc822; @ADDRESS@
Original-Message-ID: @IDENT@
Disposition: automatic-action/MDN-sent-automatically; deleted

--dove/1
Content-Type: message/rfc822

{LETTER}
--dove/1--
"""


def yahoo(said: str) -> str:
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@yahoo.com\nTo: {SENDER}\nSubject: Failure Notice\nX-Failed-Recipients: @ADDRESS@\n\n"
        f"Sorry, we were unable to deliver your message to the following address.\n\n<@ADDRESS@>:\n{said}\n\n"
        f"--- Below this line is a copy of the message.\n\n{LETTER}\nHello Iruka.\n"
    )


def gmx(said: str) -> str:
    return (
        f"Return-Path: <>\nFrom: GMX Mailer Daemon <mailer-daemon@gmx.example>\nTo: {SENDER}\n"
        "Subject: Mail delivery failed: returning message to sender\nAuto-Submitted: auto-replied\n\n"
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error. "
        f"The following address\nfailed:\n\n@ADDRESS@:\n{said}\n\n--- The header of the original message is following. ---\n\n{LETTER}\n"
    )


def answer(head: str, text: str) -> str:
    return f"From: Iruka <@ADDRESS@>\nTo: {SENDER}\nIn-Reply-To: @IDENT@\n{head}\nContent-Type: text/plain\n\n{text}\n"


RECEIPT = f"""From: Iruka <@ADDRESS@>
To: {SENDER}
Subject: Read: Your check-in was due
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="r1"

--r1
Content-Type: text/plain

Your message was read on Friday.
--r1
Content-Type: message/disposition-notification

Reporting-UA: laptop; Outlook
Final-Recipient: rfc822; @ADDRESS@
Original-Message-ID: @IDENT@
Disposition: manual-action/MDN-sent-manually; displayed

--r1--
"""


def _rows(shape: str, rows: list[tuple[str, Kind, str]]) -> list[Sample]:
    return [Sample(shape, about, kind, text) for about, kind, text in rows]


UNKNOWN = "550 5.1.1 <@ADDRESS@>: Recipient address rejected: User unknown in virtual mailbox table"
SAMPLES: list[Sample] = [
    *_rows("postfix", [
        ("user unknown", GONE, postfix("5.1.1", UNKNOWN)),
        ("mailbox full", NOT_NOW, postfix("5.2.2", "552 5.2.2 <@ADDRESS@>: Mailbox is full / over quota")),
        ("domain not found", GONE, postfix("5.4.4", "Host or domain name not found. Name service error for name=example.org type=AAAA: Host not found")),
        ("no mail server, null MX", GONE, postfix("5.1.0", "Domain example.org does not accept mail (nullMX)")),
        ("blocked by a list", NOT_NOW, postfix("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org")),
        ("relaying denied", GONE, postfix("5.7.1", "554 5.7.1 <@ADDRESS@>: Relay access denied")),
        ("given up after five days", NOT_NOW, postfix("4.4.1", "connect to mx.example.org[192.0.2.9]:25: Connection timed out")),
        ("greylisted until it expired", NOT_NOW, postfix("4.2.0", "450 4.2.0 <@ADDRESS@>: Recipient address rejected: Greylisted, see http://postgrey.example")),
        ("still trying", LATE, postfix("4.4.1", "connect to mx.example.org[192.0.2.9]:25: Connection refused", "delayed")),
        ("delivered", ARRIVED, postfix("2.0.0", "250 2.0.0 Ok: queued as 1A2B3C", "relayed")),
        ("delivered into a mailbox", ARRIVED, postfix("2.0.0", "delivered to maildir", "delivered")),
        ("account disabled", GONE, postfix("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled.")),
        ("local system full", NOT_NOW, postfix("5.3.0", "can't create user output file. Command output: maildrop: error writing to mailbox. Disk quota exceeded")),
        ("message too large", NOT_NOW, postfix("5.3.4", "message size 20480000 exceeds size limit 10240000 of server")),
    ]),
    *_rows("sendmail", [
        ("user unknown", GONE, sendmail("5.1.1", "550 5.1.1 <@ADDRESS@>... User unknown")),
        ("host unknown", GONE, sendmail("5.1.2", "550 5.1.2 <@ADDRESS@>... Host unknown (Name server: example.org: host not found)")),
        ("over quota", NOT_NOW, sendmail("5.2.2", "552 5.2.2 Over quota")),
        ("still trying", LATE, sendmail("4.4.1", "Operation timed out with mx.example.org.", "delayed")),
        ("queue ran out", NOT_NOW, sendmail("4.4.7", "Message could not be delivered for 5 days")),
        ("sender refused", NOT_NOW, sendmail("5.1.8", "553 5.1.8 <words@example.net>... Domain of sender address does not exist")),
        ("filter", NOT_NOW, sendmail("5.7.1", "550 5.7.1 Message rejected as spam by content filtering")),
    ]),
    *_rows("exim", [
        ("unrouteable", GONE, exim("Unrouteable address")),
        ("no such user", GONE, exim("550 No Such User Here")),
        ("host lookup", GONE, exim("host lookup did not complete: the domain example.org could not be found (NXDOMAIN)")),
        ("quota", NOT_NOW, exim("mailbox is full (MTA-imposed quota exceeded while writing to file /var/mail/iruka)")),
        ("retry timeout", NOT_NOW, exim("retry timeout exceeded", "4.0.0")),
        ("filter", NOT_NOW, exim("550 This message was classified as SPAM and may not be delivered")),
        ("without a report: no such user", GONE, exim_old("SMTP error from remote mail server after RCPT TO:<@ADDRESS@>:\n    host mx.example.org [192.0.2.9]: 550 5.1.1 User unknown")),
        ("without a report: full", NOT_NOW, exim_old("SMTP error from remote mail server after end of data:\n    host mx.example.org [192.0.2.9]: 552 Requested mail action aborted: exceeded storage allocation, mailbox full")),
    ]),
    *_rows("qmail", [
        ("no mailbox", GONE, qmail("Sorry, no mailbox here by that name. (#5.1.1)")),
        ("no host", GONE, qmail("Sorry, I couldn't find any host named example.org. (#5.1.2)")),
        ("rejected by the far side", GONE, qmail("192.0.2.9 does not like recipient.\nRemote host said: 550 5.1.1 <@ADDRESS@>: Recipient address rejected: User unknown\nGiving up on 192.0.2.9.")),
        ("full", NOT_NOW, qmail("The users mailfolder is over the allowed quota (size). (#5.2.2)")),
        ("queue ran out", NOT_NOW, qmail("I'm not going to try again; this message has been in the queue too long. (#4.4.1)")),
        ("connection", NOT_NOW, qmail("Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.")),
    ]),
    *_rows("exchange", [
        ("not found", GONE, exchange("5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found")),
        ("not found at the edge", GONE, exchange("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient @ADDRESS@ not found by SMTP address lookup")),
        ("access denied by the directory", GONE, exchange("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [AM5EUR02FT006.eop-EUR02.prod.protection.outlook.com]")),
        ("full", NOT_NOW, exchange("5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded")),
        ("no such domain", GONE, exchange("5.4.310", "550 5.4.310 DNS domain example.org does not exist [Message=InfoDomainNonexistent]")),
        ("only members may write", NOT_NOW, exchange("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated")),
        ("expired", NOT_NOW, exchange("4.4.316", "450 4.4.316 Connection refused [Message=Socket error code 10061]")),
        ("expired, permanent", NOT_NOW, exchange("5.4.300", "550 5.4.300 Message expired -> 451 4.4.0 Primary target IP address responded with timeout")),
        ("relay", GONE, exchange("5.7.64", "550 5.7.64 TenantAttribution; Relay Access Denied SMTP.")),
        ("still trying", LATE, exchange("4.4.7", "400 4.4.7 Message delayed", "delayed", "Delivery delayed: Your check-in was due")),
        ("in German", GONE, exchange("5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; nicht gefunden", subject="Unzustellbar: Your check-in was due")),
    ]),
    *_rows("gmail", [
        ("no such user", GONE, gmail("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos")),
        ("disabled", GONE, gmail("5.2.1", "550 5.2.1 The email account that you tried to reach is inactive. Learn more at NoSuchUser")),
        ("out of storage", NOT_NOW, gmail("4.2.2", "452-4.2.2 The recipient's inbox is out of storage space.")),
        ("out of storage, for good", NOT_NOW, gmail("5.2.2", "552-5.2.2 The recipient's inbox is out of storage space and inactive.")),
        ("not authenticated", NOT_NOW, gmail("5.7.26", "550-5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.")),
        ("too quickly", NOT_NOW, gmail("4.2.1", "450-4.2.1 The user you are trying to contact is receiving mail too quickly.")),
        ("domain not found", GONE, gmail("5.1.2", "DNS Error: DNS type 'mx' lookup of example.org responded with code NXDOMAIN Domain name not found: example.org")),
        ("still trying", LATE, gmail("4.4.1", "The recipient server did not accept our requests to connect.", "delayed")),
    ]),
    *_rows("amazon", [
        ("no such user", GONE, amazon("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist.")),
        ("suppressed", GONE, amazon("5.1.1", "Amazon SES did not send the message to this address because it is on the suppression list for your account.")),
        ("throttled", NOT_NOW, amazon("5.0.0", "421 4.7.0 Temporary System Problem. Try again later")),
    ]),
    *_rows("opensmtpd", [
        ("no such recipient", GONE, opensmtpd("5.1.1", "550 5.1.1 Invalid recipient: <@ADDRESS@>")),
        ("expired", NOT_NOW, opensmtpd("5.0.0", "Envelope expired")),
    ]),
    *_rows("courier", [
        ("user unknown", GONE, courier("5.0.0", "550 User unknown.")),
        ("full", NOT_NOW, courier("5.0.0", "552 Mailbox full")),
        ("still trying", LATE, courier("4.0.0", "Connection refused", "delayed")),
    ]),
    *_rows("domino", [("not listed", GONE, domino("User iruka (@ADDRESS@) not listed in Domino Directory"))]),
    *_rows("dovecot", [("full", NOT_NOW, dovecot("Quota exceeded (mailbox for user is full)"))]),
    *_rows("yahoo", [
        ("no such account", GONE, yahoo("552 1 Requested mail action aborted, mailbox not found")),
        ("doesn't have an account", GONE, yahoo("554: delivery error: dd This user doesn't have a yahoo.com account (@ADDRESS@) [0] - mta1234")),
        ("over quota", NOT_NOW, yahoo("552 1 Requested mail action aborted, mailbox over quota")),
    ]),
    *_rows("gmx", [
        ("unavailable", GONE, gmx("550 Requested action not taken: mailbox unavailable")),
        ("full", NOT_NOW, gmx("552-Requested mail action aborted: exceeded storage allocation\n552-Quota exceeded. The recipient's mailbox is full.")),
    ]),
    *_rows("answers", [
        ("sieve vacation", AUTOMATIC, answer("Subject: Auto: Your check-in was due\nAuto-Submitted: auto-replied (vacation)", "I'm here again on Monday.")),
        ("Outlook out of office", AUTOMATIC, answer("Subject: Automatic reply: Your check-in was due\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All", "I'm here again on Monday.")),
        ("Gmail vacation", AUTOMATIC, answer("Subject: I'm here Re: Your check-in was due\nPrecedence: bulk\nX-Autoreply: yes", "I'm here")),
        ("old vacation without a mark", AUTOMATIC, answer("Subject: Out of Office: back in March", "I'm here")),
        ("in German, encoded", AUTOMATIC, answer("Subject: =?utf-8?q?Abwesenheitsnotiz=3A_bin_im_M=C3=A4rz_zur=C3=BCck?=", "Ich bin wieder da.")),
        ("a ticket", AUTOMATIC, answer("Subject: [#4711] We have received your request\nAuto-Submitted: auto-replied", "I'm here")),
        ("a receipt for reading", AUTOMATIC, RECEIPT),
        ("a person", OTHER, answer("Subject: Re: Your check-in was due", "I'm here")),
        ("a person who quotes a failure", OTHER, answer("Subject: Re: what does this mean", "> 550 5.1.1 User unknown\n> Undelivered Mail Returned to Sender")),
    ]),
]  # fmt: skip
"""All of them, each with the class it has for a person."""
