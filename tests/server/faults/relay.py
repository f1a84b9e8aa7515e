"""A mail relay that misbehaves as it is told, at the stage it is told, and remembers what it promised."""

import re
import socket
import ssl
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

EVERYBODY = ("connect", "ehlo", "starttls", "auth", "mail")
"""Stages that come before it is known whom a letter is for: what goes wrong there goes wrong for all."""
ONE_LETTER = ("rcpt", "data", "end")
STAGES = (*EVERYBODY, *ONE_LETTER)
PATIENCE = 15.0
"""Seconds after which the relay itself gives up waiting for the other side to hang up."""

GOOD = {
    "connect": 220,
    "ehlo": 250,
    "starttls": 220,
    "auth": 235,
    "mail": 250,
    "rcpt": 250,
    "data": 354,
    "end": 250,
}
WORDS = (b"200 fine", b"299 fine", b"399 go on", b"421 closing", b"450 later", b"550 never", b"599 never")
RAW = {
    "no number": b"what do you want\r\n",
    "bytes": b"\xff\xfe\x00\x01\r\n",
    "empty": b"\r\n",
    "a huge line": b"%(code)d " + b"x" * 100_000 + b"\r\n",
    "an endless answer": b"%(code)d-and so on\r\n" * 20_000,
    "no base64": b"334 ====\r\n",
}
ENDINGS = ("close", "reset", "silence", "drip")
KINDS = (*(word.decode() for word in WORDS), *RAW, *ENDINGS, "several lines")


@dataclass
class Relay:
    """Listens on loopback. `wrong` is (stage, kind) or None; at a stage of one letter it meets only letters to
    `victim`. `promised` are the letters, by Message-ID, that got a plain 250 after their end; `copies` are those that
    came whole; `outlasted` are the faults during which the other side was still waiting when the relay gave up."""

    victim: str
    certificate: Path | None = None
    pipelining: bool = False
    """Whether it offers to be told several things in one breath."""
    wrong: tuple[str, str] | None = None
    promised: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    outlasted: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._closed = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(PATIENCE)
            # Or each second small answer waits forty milliseconds for the acknowledgement of the one before.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Talk(self, connection).run()
        except (OSError, _Over):
            pass
        finally:
            connection.close()


class _Over(Exception):
    """Nothing more is said on this connection."""


class Talk:
    """One connection."""

    def __init__(self, relay: Relay, connection: socket.socket) -> None:
        self.relay, self.socket = relay, connection
        self.input = connection.makefile("rb")
        self.to, self.whole = "", ""
        self.secure = False

    def run(self) -> None:
        self.answer("connect")
        while line := self.input.readline():
            verb = line.split()[0].upper().decode("ascii", "replace") if line.split() else ""
            if verb in ("EHLO", "HELO"):
                self.answer("ehlo", self.offers())
            elif verb == "STARTTLS":
                self.answer("starttls")
                self.encrypt()
            elif verb == "AUTH":
                self.answer("auth")
            elif verb == "MAIL":
                self.answer("mail")
            elif verb == "RCPT":
                self.to = line.split(b"<")[1].split(b">")[0].decode()
                self.answer("rcpt")
            elif verb == "DATA":
                self.letter()
            elif verb in ("RSET", "NOOP"):
                self.say(b"250 ok\r\n")
            else:
                self.say(b"500 what\r\n")

    def offers(self) -> list[str]:
        more = ["STARTTLS"] if self.relay.certificate and not self.secure else []
        more += ["PIPELINING"] if self.relay.pipelining else []
        return ["relay", *more, *(["AUTH PLAIN LOGIN"] if self.secure else [])]

    def encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.relay.certificate)
        self.input.close()
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.input, self.secure = self.socket.makefile("rb"), True

    def letter(self) -> None:
        """DATA and what follows; a client that was refused there does not send a letter."""
        if not self.answer("data"):
            return
        lines = []
        while (line := self.input.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line)
        ident = re.search(rb"(?im)^message-id: <([0-9a-f]+)@", b"".join(lines))[1].decode()
        self.relay.copies.append(ident)
        self.whole = ident
        self.answer("end")

    # Saying it, or something else.

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, stage: str, lines: list[str] | None = None) -> bool:
        """Answers as told. Returns whether it was the answer that lets things go on."""
        wrong = self.relay.wrong
        code = GOOD[stage]
        if wrong is None or wrong[0] != stage or (stage in ONE_LETTER and self.to != self.relay.victim):
            said = lines or ["go on"]
            text = "".join(
                f"{code}{'-' if n < len(said) else ' '}{word}\r\n" for n, word in enumerate(said, 1)
            )
            self.promise(stage)
            self.say(text.encode())
            return True
        kind = wrong[1]
        if kind == "several lines":
            last = "".join(f"{code}-{word}\r\n" for word in lines or ["well"])
            self.promise(stage)
            self.say((last + f"{code}-well\r\n{code} go on\r\n").encode())
            return True
        if kind in RAW:
            self.say(RAW[kind].replace(b"%(code)d", b"%d" % code))
        elif kind in ENDINGS:
            self.end(kind, code)
        else:
            self.say(kind.encode() + b"\r\n")
        return False

    def promise(self, stage: str) -> None:
        """Written down before it is said: whoever hears it may look at once."""
        if stage == "end":
            self.relay.promised.append(self.whole)

    def end(self, kind: str, code: int) -> None:
        if kind == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if kind in ("close", "reset"):
            raise _Over
        self.wait_to_be_left(b"%d-%s" % (code, b"x" * 10_000) if kind == "drip" else b"")
        raise _Over

    def wait_to_be_left(self, drip: bytes) -> None:
        """Says a byte now and then, or nothing, until the other side hangs up."""
        pause, waited = 0.02, 0.0
        while waited < PATIENCE:
            self.socket.settimeout(pause)
            try:
                if not self.socket.recv(1):
                    return
            except TimeoutError:
                waited += pause
            if drip:
                self.socket.sendall(drip[:1])
                drip = drip[1:]
        self.relay.outlasted.append(self.relay.wrong)


def make_certificate(place: Path, address: str = "127.0.0.1", begins: int = -1, ends: int = 2) -> Path:
    """A key and a certificate for an address in one file, to be trusted as its own authority: good from and to so many
    days from now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=begins))
        .not_valid_after(today + timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return place
