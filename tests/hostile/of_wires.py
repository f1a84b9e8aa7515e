"""Lies below what is said: the session, and the answers as bytes."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from hostile.proxy import Answer, said
from hostile.stage import Stage
from hostile.table import behaviour, nothing_said, shows

from lastwords.cli import client

SESSION, WIRE = "session", "the wire"
ME, HERE = "watch list", "here"
JSON = (("Content-Type", "application/json"),)


@behaviour(
    "calls itself by another host's name, to be handed an answer for that host",
    SESSION,
    "armed",
    "iruka",
    ME,
    "another_origin",
)
def _(stage: Stage) -> None:
    stage.liar.change("POST", "challenges$", shows(origin="https://words.example.org"))


def challenge(name: str, value: Any) -> None:
    @behaviour(name, SESSION, "armed", "iruka", ME, "wrong_shape", "no_sense")
    def _(stage: Stage) -> None:
        stage.liar.change("POST", "challenges$", shows(challenge=value))


challenge(
    "asks for a signature over another document in the place of a challenge",
    '{"kind":"act","act":"open"}' * 9,
)
challenge("sends a challenge that is a number", 7)
challenge("sends a challenge that is a list", ["a"])
challenge("sends an empty challenge", "")


@behaviour("leaves the challenge out", SESSION, "armed", "iruka", ME, "no_sense")
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "challenges$", lambda _: said({"origin": stage.cave.place.origin}))


def token(name: str, value: Any) -> None:
    @behaviour(name, SESSION, "armed", "iruka", ME, "no_sense")
    def _(stage: Stage) -> None:
        stage.liar.change("POST", "sessions$", shows(token=value))


token("sends a session's token that breaks the line of a header", "a\r\nX-Else: b")
token("sends a session's token that is no text", {"a": 1})


@behaviour(
    "claims an absurdly high count of check-ins, so that no later one could be higher",
    SESSION,
    "armed",
    "iruka",
    HERE,
    "counter_far",
)
def _(stage: Stage) -> None:
    low = {"code": "counter_low", "happened": "It was counted before.", "do": "Count on."}
    stage.liar.answer("POST", "watches/iruka/check-ins$", lambda _: said(low, 409))
    stage.liar.change("GET", "me$", shows(counters={"key": 2**53 - 2}))


@behaviour(
    "refuses a check-in as counted before, again and again", SESSION, "armed", "iruka", HERE, "counter_low"
)
def _(stage: Stage) -> None:
    low = {"code": "counter_low", "happened": "It was counted before.", "do": "Count on."}
    stage.liar.answer("POST", "watches/iruka/check-ins$", lambda _: said(low, 409))


@behaviour("acknowledges a check-in with nothing", SESSION, "armed", "iruka", HERE, "no_sense")
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/check-ins$", nothing_said())


@behaviour(
    "fixes a session of its own by a cookie",
    SESSION,
    "armed",
    "iruka",
    ME,
    unharmed=lambda stage, _: no_cookie(stage),
)
def _(stage: Stage) -> None:
    def with_cookie(_: Any, answer: Answer) -> Answer:
        cookies = (("Set-Cookie", "sessionid=fixed; Path=/"), ("Set-Cookie", "other=1; Path=/api/me"))
        return Answer(answer.status, (*answer.headers, *cookies), answer.body)

    stage.liar.change("POST", "challenges$", with_cookie)
    stage.liar.change("POST", "sessions$", with_cookie)


def no_cookie(stage: Stage) -> bool:
    return all("cookie" not in one.headers for one in stage.liar.heard)


# The wire.


def wire(
    name: str, make: Callable[[Stage], Answer], *refused: str, path: str = "me$", types: str = ME
) -> None:
    @behaviour(name, WIRE, "armed", "iruka", types, *(refused or ("no_sense",)))
    def _(stage: Stage) -> None:
        stage.liar.answer("GET", path, lambda _: make(stage))


def redirected(status: int) -> Callable[[Stage], Answer]:
    return lambda stage: Answer(status, (("Location", f"{stage.elsewhere}/api/me"),), b"")


for status in (301, 302, 307, 308):
    wire(f"redirects elsewhere with {status}", redirected(status))


@behaviour("redirects a signed check-in elsewhere", WIRE, "armed", "iruka", HERE, "no_sense")
def _(stage: Stage) -> None:
    there = (("Location", f"{stage.elsewhere}/api/x"),)
    stage.liar.answer("POST", "watches/iruka/check-ins$", lambda _: Answer(307, there, b""))


HTML = (("Content-Type", "text/html"),)
wire("answers with a page of script", lambda _: Answer(200, HTML, b"<script>alert(1)</script>"))
wire("refuses with a page of script", lambda _: Answer(403, HTML, b"<script>alert(1)</script>"))
wire(
    "answers with compressed bytes that were not asked for",
    lambda _: Answer(200, (*JSON, ("Content-Encoding", "gzip")), b"\x1f\x8b\x08" + bytes(40)),
)
wire("answers with bytes that are no text", lambda _: Answer(200, JSON, b'{"watches": "\xff"}'))
wire("answers with nothing at all", lambda _: Answer(200, JSON, b""))
wire("answers with a list where an object belongs", lambda _: said([]))
wire("answers with a text where an object belongs", lambda _: said("watches"))
wire("names a member twice", lambda _: Answer(200, JSON, b'{"watches": [{"author": "x"}], "watches": []}'))
wire("sends a number that is none", lambda _: Answer(200, JSON, b'{"watches": NaN}'))
wire(
    "sends a number of a million digits",
    lambda _: Answer(200, JSON, b'{"watches": ' + b"9" * 1_000_000 + b"}"),
)
wire("nests an answer without end", lambda _: Answer(200, JSON, b"[" * 500_000))
wire("nests an answer without end, object in object", lambda _: Answer(200, JSON, b'{"a":' * 300_000))
wire("leaves out what an answer should hold", lambda _: said({"handle": "iruka"}))
wire(
    "breaks off in the middle of an answer",
    lambda _: Answer(200, (*JSON, ("Content-Length", "999")), b'{"watches"'),
    "unreachable",
    "no_sense",
)
wire(
    "breaks off in the middle of a refusal",
    lambda _: Answer(409, (*JSON, ("Content-Length", "999")), b'{"code"'),
    "no_sense",
    "unreachable",
)


def without_end() -> Iterator[bytes]:
    piece = b" " * (1 << 20)
    for _ in range(client.LONGEST_ANSWER // len(piece) + 8):
        yield piece


wire("sends an answer without end", lambda _: Answer(200, JSON, b"", without_end()))
wire("sends a refusal without end", lambda _: Answer(409, JSON, b"", without_end()))


@behaviour("writes to the terminal in its refusal", WIRE, "armed", "iruka", ME, "cleaned")
def _(stage: Stage) -> None:
    refusal = {
        "code": "cleaned",
        "happened": "\x1b]0;owned\x07\x1b[2J" + "x" * 30_000,
        "do": "\x1b[31mRun this.",
    }
    stage.liar.answer("GET", "me$", lambda _: said(refusal, 409))


# A byte now and then.


def dripping() -> Iterator[bytes]:
    """For as long as anybody listens, and at most half a minute."""
    for _ in range(3_000):
        yield b" "
        OVER.wait(0.01)


OVER = threading.Event()


@behaviour("sends an answer a byte at a time", WIRE, "armed", "iruka", ME, "unreachable")
def _(stage: Stage) -> None:
    stage.hurries(2.0)
    stage.liar.answer("GET", "me$", lambda _: Answer(200, JSON, b"", dripping()))


@behaviour("acknowledges a check-in a byte at a time", WIRE, "armed", "iruka", HERE, "unreachable")
def _(stage: Stage) -> None:
    stage.hurries(2.0)
    stage.liar.answer("POST", "watches/iruka/check-ins$", lambda _: Answer(200, JSON, b"", dripping()))
