"""Every form of every page, filled in wrongly: the page comes back with what is wrong and with all that was typed, and
nothing is done. Sent twice, the right answer is done once."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from server.api.test_case import with_an_alternate
from server.api.test_phones import APhone
from server.api.world import Circle, models
from server.pages.conftest import Visitor
from server.pages.test_safe import everything

from lastwords.protocol import events
from lastwords.protocol.moments import DAY, HOUR

COUNTED = ("attempts", "django_session")
"""That somebody tried is counted, so that nobody tries for ever; it is no effect of the form."""


# Before a form is filled in.


def as_it_is(circle: Circle) -> None:
    """Nothing has happened."""


def on_a_trip(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.SetTrip("kakashi", circle.house.now().wall + 9 * DAY, DAY))


def a_new_channel(circle: Circle) -> None:
    from lastwords.server import accounts

    models.Channel.objects.create(
        id=77, person_id="sakura", kind="mail", address="s@konoha.example", proof=accounts.hashed("246810"),
        added=accounts.wall(),
    )  # fmt: skip


def raised(circle: Circle) -> None:
    assert circle.keeper("sakura").post("/watches/kakashi/alarms").status == 201


def to_be_called(circle: Circle) -> None:
    with_an_alternate(circle)
    raised(circle)


def in_quiet(circle: Circle) -> None:
    from lastwords.server import quiet_mode

    quiet_mode.turn_on(models.Person.objects.get(handle="sakura"), "Recipes", "https://weather.example/today")


def a_host_code(circle: Circle) -> None:
    from lastwords.server import accounts

    models.HostCode.objects.create(hash=accounts.hashed("good"), expires=accounts.wall() + HOUR)


@dataclass(frozen=True)
class Filled:
    """A form of a page: who fills it in, with what, and for each field what does not fit there."""

    who: str
    page: str
    right: dict[str, Any]
    wrong: dict[str, tuple[str, ...]]
    before: Callable[[Circle], None] = as_it_is
    to: str = ""
    """Where it is sent, if not to its own page."""
    get: bool = False
    ident: str = "id_{}"
    """What the page calls the input of a field."""

    @property
    def address(self) -> str:
        return self.to or self.page


PHONE = APhone().public_key
LETTERS_201 = "x" * 201
AWAY = {"date": "2027-02-20", "time": "18:00", "zone": "America/Lima", "extra": str(DAY)}
TERMS = {
    "check_in_every": "30", "late": "14", "timer_only": "no", "vigil": "21", "quorum": "3", "last_call": "7",
}  # fmt: skip
NUMBERS = ("", "-1", "soon", "9" * 40)
CODES = ("", "zzzz9999", LETTERS_201, "a\0b")
FORMS = {
    "channels": Filled(
        "sakura", "/account/channels", {"address": "new@konoha.example"},
        {"address": ("", "nowhere", "a b@konoha.example", "a\0@konoha.example")},
    ),
    "prove-channel": Filled(
        "sakura", "/account/channels/77", {"code": "246810"}, {"code": ("", "000000", "1" * 33)}, a_new_channel
    ),
    "quiet": Filled(
        "sakura", "/account/quiet", {"name": "Recipes", "leave_to": "https://weather.example/today"},
        {
            "name": ("", "x" * 31, "My Last Words", "LAST WORDS", "a\0b", "a\x07b"),
            "leave_to": (
                "", "weather", "javascript:alert(1)", "//weather.example", "http://", "https://a:b@weather.example/",
                "https://weather.example/a b", "https://weather.example/;url=x", "https://[",
                "https://weather.example/" + "x" * 200,
            ),
        },
    ),
    "no-new-keys": Filled(
        "", "/new-keys/no", {"account": "kakashi", "code": "aaaa1111"},
        {"account": ("", "x" * 41, "a\0b"), "code": CODES},
    ),
    "check-in": Filled("kakashi", "/check-in", {"code": "aaaa1111"}, {"code": CODES}),
    "paper-code": Filled(
        "", "/code", {"handle": "kakashi", "code": "aaaa1111"},
        {"handle": ("", "x" * 41, "a\0b"), "code": CODES},
    ),
    "phone-add": Filled(
        "kakashi", "/check-in",
        {"name": "My small phone", "code": "aaaa1111", "public_key": PHONE},
        {"name": ("", "x" * 61, "a\x07b"), "code": CODES},
        to="/check-in/phone", ident="phone_{}",
    ),
    "trip-check": Filled("kakashi", "/trip/check", {"code": "aaaa1111"}, {"code": CODES}),
    "trip-back": Filled("kakashi", "/trip", {"code": "aaaa1111"}, {"code": CODES}, on_a_trip, "/trip/back"),
    "trip-later": Filled("kakashi", "/trip", {"code": "aaaa1111"}, {"code": CODES}, on_a_trip, "/trip/later"),
    "case-alarm": Filled(
        "sakura", "/cases/kakashi/alarm", {"second": ""}, {"second": ("no document", "x" * 20_001)}, raised
    ),
    "case-hold": Filled(
        "sakura", "/cases/kakashi/hold", {"second": ""}, {"second": ("no document", "x" * 20_001)}
    ),
    "case-call": Filled(
        "sakura", "/cases/kakashi/call", {"keeper": "shizune"}, {"keeper": ("", "nobody")}, to_be_called,
        ident="id_{}_0",
    ),
    "host-sign-in": Filled("", "/host/sign-in", {"code": "good"}, {"code": ("", "bad", "x" * 101)}, a_host_code),
    "host-light": Filled(
        "host", "/host", {"domain": "2027-02-20", "hosting": "2029-01-01", "second_person": "Shizune"},
        {"domain": ("soon",), "hosting": ("2029-02-30",), "second_person": (LETTERS_201,)}, to="/host/light",
    ),
    "trip-change": Filled(
        "kakashi", "/trip", AWAY,
        {
            "date": ("", "soon", "2027-02-30", "9999-12-31", "0001-01-01"), "time": ("", "25:00"),
            "zone": ("", "Lisboa", "../etc", "x" * 65), "extra": ("", "1"),
        },
        to="/trip/check", get=True,
    ),
    "plan-check": Filled(
        "kakashi", "/plan", TERMS,
        {
            "check_in_every": NUMBERS, "late": NUMBERS, "vigil": NUMBERS, "last_call": NUMBERS,
            "quorum": (*NUMBERS, "17"), "timer_only": ("", "perhaps"),
        },
        to="/plan/check", get=True,
    ),
    "vanish": Filled(
        "kakashi", "/vanish", {"return_day": "9", "silent": "sakura"},
        {"return_day": NUMBERS[1:], "silent": ("nobody",)}, get=True,
    ),
}  # fmt: skip
"""By the name of the page's address. The three at the end look ahead and change nothing, so they are sent with GET."""


def an_offer(circle: Circle) -> None:
    path = "/watches/kakashi/invitations"
    assert circle.author.post(path, role="keeper", id="0" * 32, name="Gai").status == 201


def a_feed(circle: Circle) -> None:
    models.Feed.objects.create(person_id="kakashi", token="x", made=0)


def a_phone(circle: Circle) -> None:
    from lastwords.server import phones

    phones.add(models.Person.objects.get(pk="kakashi"), "phone-1", PHONE, "Mine")


BUTTONS: dict[str, tuple[str, str, Callable[[Circle], object], dict[str, str]]] = {
    "take-out-channel": ("sakura", "/account/channels/77/end", a_new_channel, {}),
    "end-session": ("sakura", "/account/sessions/1/end", as_it_is, {}),
    "end-sessions": ("sakura", "/account/sessions/end", as_it_is, {}),
    "sign-out": ("sakura", "/sign-out", as_it_is, {}),
    "host-sign-out": ("host", "/host/sign-out", as_it_is, {}),
    "take-out-passkey": ("sakura", "/account/devices/passkeys/1", as_it_is, {}),
    "take-out-passphrase": ("sakura", "/account/devices/passphrase/1", as_it_is, {}),
    "take-out-authenticator": ("sakura", "/account/authenticator/end", as_it_is, {}),
    "end-lost": ("kakashi", "/account/lost/end", as_it_is, {"what": "paper-codes"}),
    "say-no-new-keys": ("sakura", "/account/new-keys/1/no", as_it_is, {}),
    "practice": ("kakashi", "/practice", as_it_is, {"once": "a"}),
    "leave-words": ("kakashi", "/write/died.naruto/leave", as_it_is, {"once": "a"}),
    "quiet-off": ("sakura", "/account/quiet/off", in_quiet, {}),
    "leave": ("sakura", "/leave", in_quiet, {}),
    "calendar-take-back": ("kakashi", "/calendar/take-back", a_feed, {}),
    "phone-take-out": ("kakashi", "/check-in/phone/phone-1/take-out", a_phone, {}),
    "invitation-take-back": ("kakashi", f"/people/invitations/{'0' * 32}/take-back", an_offer, {}),
    "keeper-suspend": ("kakashi", "/keepers/sakura/suspend", as_it_is, {}),
    "keeper-remove": ("kakashi", "/keepers/sakura/remove", as_it_is, {}),
    "case-here": ("yamato", "/cases/kakashi/here", raised, {}),
    "host-hold": ("host", "/host/hold", as_it_is, {}),
    "calendar-make": ("kakashi", "/calendar/make", as_it_is, {}),
    "hold": ("kakashi", "/hold", as_it_is, {"once": "a"}),
    "alarm": ("kakashi", "/alarm", as_it_is, {"once": "a"}),
}
"""Pages that take a button and nothing typed: who presses it, where, after what, and what the button carries."""
ALREADY = (
    "end-session",
    "take-out-passkey",
    "take-out-passphrase",
    "take-out-authenticator",
    "say-no-new-keys",
)
"""Pressed here when the thing is gone already, as it is for whoever presses twice."""


def taken(view: Any) -> tuple[str, ...]:
    """The methods a view takes, which one of its decorators says."""
    while view is not None:
        said = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if said:
            return tuple(said)
        view = getattr(view, "__wrapped__", None)
    return ()


def test_every_page_that_takes_a_form_stands_in_the_table(circle: Circle) -> None:
    from lastwords.server.pages import urls

    methods = {one.name: taken(one.callback) for one in urls.urlpatterns}  # type: ignore[union-attr]
    assert [name for name, said in methods.items() if not said] == []
    posted = {name for name, said in methods.items() if "POST" in said}
    looked_ahead = {name for name, form in FORMS.items() if form.get}
    assert posted == (set(FORMS) - looked_ahead) | set(BUTTONS)
    assert looked_ahead == {"trip-change", "plan-check", "vanish"}


# What a page holds.


@dataclass
class Page(HTMLParser):
    """What a person finds on a page: what stands in its fields, what each id is, and what the alert leads to."""

    text: str
    values: dict[str, list[str]] = field(default_factory=dict)
    ids: dict[str, dict[str, str | None]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    _area: str = ""
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        held = dict(given)
        if held.get("id"):
            self.ids[str(held["id"])] = held
        if tag == "a" and (held.get("href") or "").startswith("#"):
            self.links.append(str(held["href"])[1:])
        name = held.get("name") or ""
        choice = held.get("type") in ("radio", "checkbox")
        if tag == "input" and (not choice or "checked" in held):
            self.values.setdefault(name, []).append(held.get("value") or "")
        if tag == "textarea":
            self._area = name
            self.values.setdefault(name, []).append("")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.values[self._area][-1] = self.values[self._area][-1].removeprefix("\n")
            self._area = ""


def come(who: str, before: Callable[[Circle], object], circle: Circle) -> Visitor:
    """Whoever fills it in, proven a moment ago."""
    from lastwords.server import accounts, page_sessions

    circle.paper_codes("aaaa1111", "bbbb2222", "cccc3333", "dddd4444")
    before(circle)
    visitor = Visitor(who)
    if who:
        session = visitor.session
        session[page_sessions.PROVEN] = accounts.wall()
        session.save()
    return visitor


def unseen(form: Filled, visitor: Visitor) -> dict[str, str]:
    if form.get:
        return {}
    hidden = visitor.form(form.page, **(AWAY if form.page == "/trip/check" else {}))
    return {name: value for name, value in hidden.items() if name != "lift"}


def answer(form: Filled, visitor: Visitor, fields: dict[str, Any]) -> Any:
    send = visitor.client.get if form.get else visitor.client.post
    return send(form.address, fields)


def kept() -> dict[str, str]:
    return {name: digest for name, digest in everything().items() if name not in COUNTED}


def cases() -> Iterator[Any]:
    for name, form in FORMS.items():
        for wrong in form.wrong:
            yield pytest.param(name, wrong, id=f"{name} {wrong}")


@pytest.mark.parametrize(("name", "wrong"), list(cases()))
def test_what_does_not_fit_is_said_at_its_field_with_all_that_was_typed_and_nothing_is_done(
    circle: Circle, name: str, wrong: str
) -> None:
    form = FORMS[name]
    visitor, ident = come(form.who, form.before, circle), form.ident.format(wrong)
    for bad in form.wrong[wrong]:
        hidden, before = unseen(form, visitor), kept()
        got = answer(form, visitor, {**hidden, **form.right, wrong: bad})
        said = f"{name}: {wrong}={bad[:40]!r}"
        assert got.status_code == 200, said
        text = got.content.decode()
        page = Page(text)
        assert 'role="alert"' in text and "<title>Error: " in text, said
        assert any(link.startswith(ident) for link in page.links if link != "main"), (said, page.links)
        assert [link for link in page.links if link not in page.ids] == [], said
        assert f'id="{ident.removesuffix("_0")}_error"' in text, said
        for one, typed in (form.right | {wrong: bad}).items():
            never_offered = one == wrong and one in CHOSEN
            if not never_offered and one != MADE:
                assert typed in page.values.get(one, [""]), (said, one, page.values)
        assert "This field" not in text and "null" not in text.lower().replace('"null"', ""), said
        assert kept() == before, said


@pytest.mark.parametrize("lift", ["alarm", "keeper ", "Keeper", "x" * 5_000, "a\0b"])
@pytest.mark.parametrize(("who", "page"), [("sakura", "/cases/kakashi/hold"), ("kakashi", "/hold")])
def test_whoever_lifts_a_hold_that_nothing_is_called_places_none(
    circle: Circle, who: str, page: str, lift: str
) -> None:
    visitor = come(who, as_it_is, circle)
    hidden, before = visitor.form(page), kept()
    got = visitor.client.post(page, {**hidden, "second": "kept as typed", "lift": lift})
    text = got.content.decode()
    assert got.status_code == 200 and "<title>Error: " in text
    assert "no hold was placed and none was lifted" in text
    assert Page(text).values.get("second") == (["kept as typed"] if who == "sakura" else None)
    assert kept() == before


MADE = "public_key"
"""Nobody types it: the page's script makes it, and makes it again."""
CHOSEN = ("extra", "timer_only", "keeper", "silent")
"""Fields in which one chooses: what was never offered is not shown again."""


TWICE = [name for name, form in FORMS.items() if not form.get and name != "case-alarm"]


@pytest.mark.parametrize("name", TWICE)
def test_a_right_answer_that_is_sent_twice_is_done_once(circle: Circle, name: str) -> None:
    form = FORMS[name]
    visitor = come(form.who, form.before, circle)
    hidden, before = unseen(form, visitor), kept()
    first = answer(form, visitor, {**hidden, **form.right})
    assert first.status_code == 302 or name in ("no-new-keys", "paper-code"), first.content.decode()[-2500:]
    after = kept()
    assert after != before, "it does something"
    again = answer(form, visitor, {**hidden, **form.right})
    assert again.status_code in (200, 302, 403), again.status_code
    if again.status_code == 302:
        assert again.headers["Location"] == first.headers.get("Location")
    else:
        assert re.search(
            r"There is a problem|This form is too old|This form was sent before", again.content.decode()
        )
    assert kept() == after


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_that_is_pressed_twice_does_once_what_it_does_and_then_leads_on_or_says_so_calmly(
    circle: Circle, name: str
) -> None:
    who, address, before, carried = BUTTONS[name]
    visitor = come(who, before, circle)
    carried = {**carried, "csrfmiddlewaretoken": visitor.form("/help" if who == "" else OWN[who])[TOKEN]}
    was = kept()
    first = visitor.client.post(address, carried)
    after = kept()
    again = visitor.client.post(address, carried)
    if name in ALREADY:
        assert after == was
    elif name not in ("sign-out", "host-sign-out", "end-sessions", "leave"):
        assert (first.status_code, after != was) in ((302, True), (200, True)), first.status_code
    text = again.content.decode()
    assert again.status_code == 302 or CALM.search(text), (again.status_code, text[-1500:])
    if name == "calendar-make":
        assert models.Feed.objects.count() == 1, (
            "the second address took the place of the first, and is the one shown"
        )
    else:
        assert kept() == after


TOKEN = "csrfmiddlewaretoken"
OWN = {"kakashi": "/practice", "sakura": "/account", "yamato": "/account", "host": "/host"}
CALM = re.compile(
    r"This could not be done|This form is too old|nothing was changed|There is a problem|There was nothing|Going on"
)
