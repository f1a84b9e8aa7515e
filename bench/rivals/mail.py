"""A mail server on this machine that rivals hand their letters to. It speaks TLS and takes any password, since two of
them will not do without."""

import datetime
import ipaddress
import logging
import ssl
import warnings
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# It warns, at every login, of a name that a later version of it will not have.
logging.getLogger("mail.log").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", category=DeprecationWarning, module="aiosmtpd")


class Mail:
    """`heard` is called for every address of every letter, before the letter is acknowledged."""

    def __init__(self, folder: Path, port: int, heard: Callable[[str, str, str], None]) -> None:
        self.port = port
        self.works = True
        self._letters = 0
        self._heard = heard
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(folder / "mail.pem"))
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            tls_context=context,
            authenticator=lambda *_: AuthResult(success=True),
            auth_require_tls=False,
        )
        self._controller.start()

    async def handle_MAIL(
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if not self.works:
            return "451 4.3.0 The mail system is down"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        letter = message_from_bytes(envelope.content or b"", policy=default)
        self._letters += 1
        ident = str(letter["Message-ID"] or f"a letter without a name of its own, number {self._letters}")
        for address in envelope.rcpt_tos:
            self._heard(address, str(letter["Subject"] or ""), ident)
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


def _certificate(path: Path) -> Path:
    """A certificate for this machine that nobody has signed but itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=3_650))
        .not_valid_after(now + datetime.timedelta(days=7_300))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
