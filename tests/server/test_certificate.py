"""What the doctor says of the certificate that people's browsers are shown."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace

import pytest
from server.faults.relay import make_certificate

GOOD, SOON, OVER, AHEAD = (-60, 30), (-80, 10), (-90, -1), (1, 90)
"""Days from now at which a certificate begins and ends to be good."""


@pytest.fixture
def says(house, monkeypatch):
    """What is found at a port of this machine, by a doctor who trusts one authority."""
    from lastwords.server import doctor
    from lastwords.server.settings import read

    # TLS reads the machine's own clock, so the host has to have the same day.
    house.source.wall = int(time.time())

    def found(port: int, trusted, scheme: str = "https") -> tuple[bool, str]:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        chosen = replace(read(house.data), origin=f"{scheme}://127.0.0.1:{port}")
        it = doctor._certificate(chosen)
        assert it.name == "certificate" and it.well == (it.do == "")
        return it.well, it.says

    return found


@pytest.fixture
def shown(tmp_path):
    """Has somebody who calls be answered, once, and gives the port."""
    open_now: list[socket.socket] = []

    def port_of(answer: Callable[[socket.socket], None]) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        open_now.append(listening)

        def once() -> None:
            with closing(listening.accept()[0]) as line:
                answer(line)

        threading.Thread(target=once, daemon=True).start()
        return listening.getsockname()[1]

    yield port_of
    for one in open_now:
        one.close()


def in_tls(certificate) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(line: socket.socket) -> None:
        with suppress(OSError):  # Whoever calls may not like it.
            context.wrap_socket(line, server_side=True).close()

    return answer


@pytest.mark.parametrize(
    ("address", "days", "well", "words"),
    [
        ("127.0.0.1", GOOD, True, "is good until"),
        ("127.0.0.1", SOON, False, "is good until"),
        ("127.0.0.1", OVER, False, "certificate has expired"),
        ("127.0.0.1", AHEAD, False, "certificate is not yet valid"),
        ("127.0.0.2", GOOD, False, "IP address mismatch"),
    ],
)
def test_a_certificate_is_judged_as_a_browser_would_and_before_it_runs_out(
    says, shown, tmp_path, address, days, well, words
):
    certificate = make_certificate(tmp_path / "shown.pem", address, *days)
    found, text = says(shown(in_tls(certificate)), certificate)
    assert (found, words in text) == (well, True), text


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(says, shown, tmp_path):
    other = make_certificate(tmp_path / "other.pem")
    found, text = says(shown(in_tls(make_certificate(tmp_path / "shown.pem"))), other)
    assert not found and "Browsers refuse the one of https://127.0.0.1" in text


def test_an_address_that_is_not_answered_in_tls_is_told_as_such(says, shown, tmp_path):
    port = shown(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    found, text = says(port, make_certificate(tmp_path / "any.pem"))
    assert not found and "is answered, but not in TLS" in text


def test_an_address_that_cannot_be_reached_from_the_machine_is_no_fault(says, tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    found, text = says(port, make_certificate(tmp_path / "any.pem"))
    assert found and text.startswith("Not looked at: ") and "Connection refused" in text


def test_a_host_for_one_machine_needs_none(says, tmp_path):
    assert says(1, make_certificate(tmp_path / "any.pem"), "http") == (
        True,
        "People come by http, from this machine alone: none is needed.",
    )
