"""The browser's twin of the case: entries, sheets, scores and reports come out as Python's do, refusals too."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest
from case import cave, test_rows
from case.made import observation, plain_handover, read_handover, vectors
from case.test_entries import ONE_OF_EACH, SHEETS, written
from case.test_news2 import ADULT, FIELDS
from case.write_vectors import REPORTS
from web.twin import NODE, Twin, b64, is_refused, outcome, started, unb64

from lastwords.case import entries, ladder, moment, sheets
from lastwords.case.handover import Handover, Report
from lastwords.case.moment import Moment
from lastwords.case.news2 import Person, Score, news2
from lastwords.case.observation import RANGES, Observation
from lastwords.case.plain import from_plain, to_bytes, to_plain
from lastwords.case.plot import picture
from lastwords.case.report import compose
from lastwords.case.rows import Listed, rows_of
from lastwords.case.text import as_text

pytestmark = NODE


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with started() as found:
        yield found


def test_an_entry_and_a_sheet_of_every_kind_read_and_are_written_as_the_same_bytes(twin: Twin):
    for what in ONE_OF_EACH:
        entry = written(what)
        body = entries.encode(entry)
        assert unb64(twin("entry", body=b64(body), kind=entry.kind, by=entry.head.by)) == body
    for sheet in SHEETS:
        assert unb64(twin("sheet", data=b64(sheets.encode(sheet)))) == sheets.encode(sheet)


WRONG: list[Any] = [
    *(None, True, 0, -1, 1.5, 2**53, 10_000, "", " ", "nobody", "a\u202eb", "a\x00b", "line\nfeed", "x" * 4001),
    *(["x"], [], {}, "0", "0.0", "1,5", "00.5", "12345678", "Asia/Nowhere", "asia/tokyo", "here"),
]  # fmt: skip


def spoiled(plain: Any) -> Iterator[Any]:
    """Plain data with one place of it wrong, again and again."""
    yield from WRONG
    if isinstance(plain, dict):
        yield plain | {"nobody": 1}
        for name, part in plain.items():
            yield {k: v for k, v in plain.items() if k != name}
            yield from (plain | {name: wrong} for wrong in spoiled(part))
    elif isinstance(plain, list):
        for place, part in enumerate(plain):
            yield from ([*plain[:place], wrong, *plain[place + 1 :]] for wrong in spoiled(part))


def test_entries_and_sheets_with_one_thing_wrong_are_refused_in_the_same_words(
    twin: Twin, figure: Callable[[str], None]
):
    different, tried, refused = [], 0, 0
    for what in ONE_OF_EACH:
        for value in spoiled(entries.plain_entry(written(what))):
            ours = outcome(lambda value=value: b64(entries.encode(entries.read_plain(value))))  # type: ignore[misc]
            theirs = outcome(partial(twin, "plain entry", value=value))
            tried, refused = tried + 1, refused + is_refused(ours)
            if ours != theirs:
                different.append((str(ours)[-200:], str(theirs)[-200:]))
    for sheet in SHEETS:
        for value in spoiled(json.loads(sheets.encode(sheet))):
            data = to_bytes(value)
            ours = outcome(lambda data=data: b64(sheets.encode(sheets.read(data))))  # type: ignore[misc]
            theirs = outcome(partial(twin, "sheet", data=b64(data)))
            tried, refused = tried + 1, refused + is_refused(ours)
            if ours != theirs:
                different.append((str(ours)[-200:], str(theirs)[-200:]))
    figure(
        f"entries and sheets in both twins: {tried} tried, {refused} refused alike, {len(different)} otherwise"
    )
    assert different[:5] == []
    assert refused > 2000


def test_what_is_no_entry_is_refused_in_the_same_words(twin: Twin):
    entry = written(ONE_OF_EACH[0])
    body = entries.encode(entry)
    for data, kind, by in (
        (body, "note", entry.head.by),
        (body, entry.kind, "bull"),
        (body[:-1], entry.kind, entry.head.by),
        (body + b" ", entry.kind, entry.head.by),
        (b"\xff", entry.kind, entry.head.by),
        (b"[]", entry.kind, entry.head.by),
        (b'"' + b"x" * 70_000 + b'"', entry.kind, entry.head.by),
        (body.replace(b"entry", b"other", 1), entry.kind, entry.head.by),
    ):
        ours = outcome(partial(entries.read, data, kind, by))
        assert is_refused(ours)
        assert outcome(partial(twin, "entry", body=b64(data), kind=kind, by=by)) == ours


def test_the_ranges_and_every_value_beyond_them_are_the_vectors_own(twin: Twin):
    edges = vectors("observation-ranges.json")["ranges"]
    assert twin("ranges") == [[edge["field"], edge["least"], edge["greatest"]] for edge in edges]
    assert len(edges) == len(RANGES)
    for edge in edges:
        for value in (edge["least"] - 1, edge["least"], edge["greatest"], edge["greatest"] + 1, 10_000):
            for marked in ([], [edge["field"]]):
                seen = {edge["field"]: value, "as_reported": marked}
                ours = outcome(lambda seen=seen: to_plain(observation(seen)))  # type: ignore[misc]
                plain = {part.name: None for part in dataclasses.fields(Observation)} | seen
                assert outcome(partial(twin, "observation", seen=plain)) == ours


def test_every_value_of_the_news2_chart_and_every_case_scores_as_the_vectors_say(
    twin: Twin, figure: Callable[[str], None]
):
    held, scored = vectors("news2.json"), 0
    nothing = {part.name: None for part in dataclasses.fields(Observation)} | {"as_reported": []}
    for chart in held["bands"]:
        for least, greatest, points in chart["bands"]:
            for value in range(least, greatest + 1):
                seen = nothing | held["well"] | {chart["field"]: value, "oxygen": bool(chart["oxygen"])}
                seen |= {"scale_2_by": "Dr Shizune"} if chart["scale"] == 2 else {}
                found = twin("news2", seen=seen, age=ADULT.age_years, pregnant=ADULT.pregnant)
                assert found["parts"][FIELDS.index(chart["field"])]["points"] == points
                ours = news2(from_plain(Observation, seen), ADULT)
                assert isinstance(ours, Score) and found["total"] == ours.total
                assert found["parts"] == [dataclasses.asdict(part) for part in ours.parts]
                scored += 1
    for one in held["cases"]:
        person = Person(**one["person"])
        found = twin("news2", seen=nothing | one["seen"], age=person.age_years, pregnant=person.pregnant)
        assert found.get("reasons") == one.get("reasons")
        assert found.get("total") == one.get("total")
    figure(f"NEWS2 in both twins: {scored} values of the chart, {len(held['cases'])} cases")


def test_moments_are_shown_alike_in_zones_with_and_without_summer_time(twin: Twin):
    zones = [
        "Asia/Tokyo",
        "Europe/Lisbon",
        "America/St_Johns",
        "Asia/Kathmandu",
        "UTC",
        "Pacific/Apia",
        "America/New_York",
    ]
    given = [
        Moment(at, zone, about)
        for zone in zones
        for at in (946_684_800, 1_772_582_400, 1_774_746_000, 1_793_494_800, 1_793_498_400, 4_102_444_799)
        for about in (False, True)
    ]
    now = 1_793_500_000
    assert twin("moments", moments=[to_plain(one) for one in given], now=now) == [
        [
            moment.shown(one),
            moment.shown_short(one, one.zone),
            moment.shown_day(one.at, one.zone),
            moment.offset(one.at, one.zone),
            moment.ago(one, now),
            moment.age_in_years("1995-05-26", one.at, one.zone),
        ]
        for one in given
    ]


def told(report: Report) -> Any:
    """A report as plain data."""
    return json.loads(json.dumps(dataclasses.asdict(report)))


def handovers() -> list[Handover]:
    """The reports of the vectors, and what a page meets besides: nobody, nothing, what only keepers may read."""
    whole = cave.handover()
    mixed = [dataclasses.replace(row, keepers_only=row.number % 2 == 0) for row in whole.rows]
    broken = [dataclasses.replace(row, entry=None, trouble="it is torn") for row in whole.rows[:3]]
    return [
        *REPORTS.values(),
        cave.handover(rows=(), people=(), sheet=None, log=None),
        cave.handover(rows=tuple(mixed)),
        cave.handover(rows=tuple(mixed), with_keepers_only=True),
        cave.handover(rows=(*broken, *whole.rows[3:])),
        cave.handover(rows=tuple(row for row in whole.rows if row.number != 14)),
        *(cave.handover(rows=whole.rows[:number]) for number in range(len(whole.rows))),
    ]


def test_every_report_says_the_same_sentences_in_both_twins(twin: Twin, figure: Callable[[str], None]):
    given = handovers()
    for one in given:
        assert twin("report", given=plain_handover(one)) == told(compose(one))
        assert twin("report as text", given=plain_handover(one)) == as_text(compose(one))
    figure(f"handover reports composed alike: {len(given)}")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_the_vectors_comes_out_of_the_twin_as_written(twin: Twin, name: str):
    held = vectors(name)
    ours = compose(read_handover(held["given"]))
    assert as_text(ours).split("\n") == held["text"]
    assert twin("report", given=held["given"]) == told(ours)


def numbers(shape: Any, *names: str) -> list[tuple[str, list[float]]]:
    """Lines, dots and paths of a picture with where they lie, in the order in which they are drawn."""
    found = []
    for one in shape:
        if one["name"] in names:
            places = {k: v for k, v in one["attributes"].items() if not k.startswith("stroke")}
            texts = [str(value) for key, value in sorted(places.items()) if key not in ("fill", "font-size")]
            found.append(
                (one["name"], [float(value) for text in texts for value in re.findall(r"-?[\d.]+", text)])
            )
    return found


def test_the_trend_is_drawn_at_the_same_places(twin: Twin):
    for one in handovers():
        svg = picture(compose(one).trend)
        found = twin("picture", given=plain_handover(one))
        assert (found is None) == (svg == "")
        if found is None:
            continue
        root = ElementTree.fromstring(svg)
        ours = [
            {"name": part.tag.partition("}")[2], "attributes": dict(part.attrib), "text": part.text}
            for part in root
        ]
        drawn = ("line", "circle", "polyline")
        pairs = zip(numbers(found["inner"], *drawn), numbers(ours, *drawn), strict=True)
        for (kind, places), (kind_of_ours, ours_at) in pairs:
            assert kind == kind_of_ours
            assert places == pytest.approx(ours_at, abs=0.11)
        assert found["inner"][0] == {"name": "title", "attributes": {}, "text": ours[0]["text"]}
        newest = compose(one).trend.series[-1].points[-1].shown.split(" ")[0].removesuffix("/min")
        assert newest in [part.get("text") for part in found["inner"]]


def as_listed(row: Listed) -> dict[str, Any]:
    plain = {
        name: getattr(row, name)
        for name in ("number", "kind", "by", "at", "keepers_only", "about", "trouble")
    }
    return plain | {"body": None if row.body is None else b64(row.body)}


@pytest.mark.parametrize("longer", [0, 1])
def test_what_nobody_could_open_again_is_written_by_neither(twin: Twin, longer: int):
    value = {"text": "é" * (32 * 1024 - 6) + "x" * (1 + longer)}
    ours = outcome(lambda: b64(to_bytes(value)))
    assert isinstance(ours, str) == (longer == 0)
    assert outcome(partial(twin, "plain bytes", value=value)) == ours


def test_rows_and_copies_are_put_together_alike(twin: Twin):
    first, copy, second = test_rows.FIRST, test_rows.COPY, test_rows.COPY_OF_COPY
    closed = test_rows.closed(first)
    torn = dataclasses.replace(first, number=4, body=b"{}", about=1)
    for rows in (
        (first, copy, second),
        (closed, copy, second),
        (copy, first),
        (closed,),
        (first, torn),
        (closed, torn, copy),
    ):
        ours = [
            [
                row.number,
                row.by,
                row.at,
                row.entry and entries.plain_entry(row.entry),
                row.trouble,
                row.passed_on_by,
            ]
            for row in rows_of(rows)
        ]
        found = twin("rows", listed=[as_listed(row) for row in rows])
        for row in found:
            row[3] = row[3] and {"format": entries.FORMAT} | row[3]
        assert found == ours


def test_the_ladder_and_what_was_tried_of_it_are_the_same(twin: Twin):
    standing = [(number, written(what)) for number, what in enumerate(ONE_OF_EACH, 1)]
    standing[11] = (3, standing[10][1])
    ours = [
        [one.rung.step.value, one.rung.what, one.rung.how, list(one.tried)]
        for one in ladder.climbed(standing)
    ]
    assert twin("ladder", standing=[[n, entries.plain_entry(entry)] for n, entry in standing]) == ours
