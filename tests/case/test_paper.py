"""The report as a picture and on paper: drawn for black and white, tagged, escaped, and fetching nothing."""

import io
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from case.cave import handover, night
from case.made import DAWN, observation, row
from pypdf import PdfReader

from lastwords.case import plot, sheets
from lastwords.case.entries import Note, Treatment
from lastwords.case.handover import Handover
from lastwords.case.moment import Moment
from lastwords.case.report import compose
from lastwords.cli import report
from lastwords.cli.errors import Stopped

SVG = "{http://www.w3.org/2000/svg}"


def drawn(given: Handover) -> ElementTree.Element:
    return ElementTree.fromstring(plot.picture(compose(given).trend))


def written(svg: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text")]


def test_the_picture_has_a_title_and_uses_no_colour():
    svg = drawn(night())
    assert (svg.findtext(f"{SVG}title") or "").startswith("Trend of consciousness, breathing, SpO2")
    colours = {one.get(how) for one in svg.iter() for how in ("fill", "stroke")} - {None, "none"}
    greys = [re.fullmatch(r"#([0-9a-f])\1\1", str(colour)) for colour in colours]
    assert all(greys)


def test_the_newest_value_of_every_sign_is_written_at_its_point():
    texts = written(drawn(night()))
    assert {"18", "97%", "122/76", "82", "37.4", "0", "A"} <= set(texts)


def test_points_lie_inside_their_strips_whatever_the_values():
    wild = [(0, 30, 30), (80, 100, 300), (40, 60, 30)]
    seen = [
        row(
            n,
            observation(
                {"breaths_per_minute": a, "spo2_percent": b, "systolic_mmhg": c, "diastolic_mmhg": 10 + n}
            ),
            n,
        )
        for n, (a, b, c) in enumerate(wild, 1)
    ]
    svg = drawn(handover(rows=tuple(seen)))
    height = float(str(svg.get("viewBox")).split()[3])
    centres = [(float(one.get("cx", "-1")), float(one.get("cy", "-1"))) for one in svg.iter(f"{SVG}circle")]
    assert len(centres) == 9
    for number, (x, y) in enumerate(centres):
        strip = plot.TOP + plot.STRIP * (number // 3)
        assert plot.LEFT <= x <= plot.WIDTH - plot.RIGHT
        assert strip < y < strip + plot.STRIP <= height - plot.AXIS


@pytest.mark.parametrize("hours", [0, 0.2, 1, 5, 30, 24 * 9, 24 * 400])
def test_the_axis_has_a_few_full_hours_however_long_the_case_is(hours: float):
    svg = drawn(
        handover(
            rows=(
                row(1, observation({"pulse_per_minute": 70}), 0),
                row(2, observation({"pulse_per_minute": 80}), hours),
            )
        )
    )
    clocks = [one for one in written(svg) if re.fullmatch(r"\d\d:\d\d", one)]
    assert 1 <= len(clocks) <= 16
    if hours > 8:
        assert all(one.endswith(":00") for one in clocks)


def test_a_case_without_observations_has_no_picture():
    assert plot.picture(compose(handover(rows=())).trend) == ""


def test_what_people_typed_is_escaped_in_picture_and_page():
    nasty = '<script>alert(1)</script><img src="http://example.org/x">&'
    look = observation({"pulse_per_minute": 70, "skin": nasty})
    given = handover(author=nasty, rows=(row(1, Treatment(nasty, "1", "mg")), row(2, look)))
    page = report.as_page(compose(given), nasty)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_the_page_refers_to_nothing_outside_itself():
    page = report.as_page(compose(night()), "Hound").replace("<wbr>", "")
    for word in ("http://", "https://", "url(", "@import", "src=", "href="):
        assert word not in page.replace("http://www.w3.org/2000/svg", "").replace(
            "https://words.example.org", ""
        )


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return report.as_pdf(compose(night()), "Hound")


@pytest.mark.needs("library:pango-1.0")
def test_the_pdf_is_tagged_titled_and_says_that_it_is_universally_accessible(pdf: bytes):
    reader = PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None and reader.metadata.title == "Handover report: Iruka Umino"
    assert b"pdfuaid:part" in reader.xmp_metadata.stream.get_data()  # type: ignore[union-attr]


def tags(node: object) -> list[tuple[str, str]]:
    """Every structure element under a node, with its alternative text."""
    found = []
    kids = node.get("/K", [])  # type: ignore[attr-defined]
    if node.get("/S"):  # type: ignore[attr-defined]
        found.append((str(node["/S"]), str(node.get("/Alt", ""))))  # type: ignore[index,attr-defined]
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if hasattr(kid, "get"):
            found += tags(kid)
    return found


@pytest.mark.needs("library:pango-1.0")
def test_tables_headings_and_the_picture_are_tagged_as_what_they_are(pdf: bytes):
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    found = tags(root["/StructTreeRoot"].get_object())
    names = {name for name, _ in found}
    assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/Figure", "/P"} <= names
    assert [alt for name, alt in found if name == "/Figure"] == [
        "Trend of consciousness, breathing, SpO2, blood pressure, pulse, temperature, NEWS2, "
        "from 4 Mar 10:00 to 5 Mar 18:00"
    ]


@pytest.mark.needs("library:pango-1.0")
def test_the_pdf_of_the_fifteenth_hour_has_three_pages_of_a4_with_the_lines_of_the_text():
    reader = PdfReader(io.BytesIO(report.as_pdf(compose(handover()), "Shizune")))
    assert len(reader.pages) == 3
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    first, second, third = (" ".join(page.extract_text().split()) for page in reader.pages)
    for line in (
        "about 15 h ago (about Wed 4 Mar 2026, 09:00)",
        "suspected partial dose of P.19",
        "unconscious for at least 14 h",
        "breathing 5/min, pulse 76/min",
        "adrenaline 1.5 mg, into a muscle, twice, the second about 5 h ago",
        "not “patch of P.12”",
    ):
        assert line in first
    assert "Struck out, corrected by entry 14." in second
    assert "How large was the part of the dose that he got?" in third
    assert "wept" not in first + second + third


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("dose of P.19, twice", 'dose of <span class="whole">P.19,</span> twice'),
        ("adrenaline 1.5 mg", 'adrenaline <span class="whole">1.5</span>\u00a0mg'),
        ("15 h ago [7, 11]", "15\u00a0h\u00a0ago [7, 11]"),
        ("temperature 38.1 °C", 'temperature <span class="whole">38.1</span>\u00a0°C'),
        ("x" * 20, "x" * 18 + "<wbr>xx"),
        ("<b> & 'c'", "&lt;b&gt; &amp; &#x27;c&#x27;"),
        ("<" * 20, "&lt;" * 18 + "<wbr>&lt;&lt;"),
    ],
)
def test_a_text_is_set_so_that_no_dose_is_broken_and_no_word_runs_off(text: str, html: str):
    assert report.set_for_paper(text) == html


@pytest.mark.needs("library:pango-1.0")
@pytest.mark.needs("command:pdftotext")
def test_an_endless_word_pushes_nothing_off_the_paper(tmp_path):
    endless = "x" * 3900
    look = observation({"pulse_per_minute": 70, "skin": endless, "device": endless})
    given = handover(rows=(row(1, Note(endless)), row(2, look), row(3, Treatment(endless, "1", "mg"))))
    (tmp_path / "report.pdf").write_bytes(report.as_pdf(compose(given), "Hound"))
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "report.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    ends = [float(end) for end in re.findall(r'<word [^>]*xMax="([0-9.]+)"', boxes)]
    assert len(ends) > 300
    assert max(ends) < 595 - 40


@pytest.mark.parametrize("missing", ["jinja2", "weasyprint"])
def test_without_its_libraries_the_pdf_says_what_is_missing_and_text_still_works(missing: str, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(Stopped) as stopped:
        report.rendered(handover(), "pdf")
    assert "Nothing was written." in stopped.value.happened
    assert "--text" in stopped.value.do
    assert report.rendered(handover(), "text").startswith(b"Handover report: Iruka Umino")


def test_a_sheet_that_is_not_the_medical_one_is_refused(tmp_path):
    trip = sheets.TripNotes(Moment(DAWN, "UTC"), Moment(DAWN + 9, "UTC"), ("Iruka",))
    (tmp_path / "trip.json").write_bytes(sheets.encode(trip))
    with pytest.raises(Stopped):
        report.read_sheet(tmp_path / "trip.json")


def test_the_first_page_is_one_page_and_its_order_can_be_read_at_arms_length():
    """A full set of signs, two treatments and a correction still fit; ATMIST stands in 12 points or more."""
    for given in (handover(), night()):
        pages = PdfReader(io.BytesIO(report.as_pdf(compose(given), "Shizune"))).pages
        first, second = (pages[number].extract_text() for number in (0, 1))
        assert "the author's own medical sheet" in first and "Trend" not in first
        assert second.startswith("Trend")
        sizes: dict[str, float] = {}

        def seen(
            text: str,
            _cm: object,
            tm: list[float],
            _font: object,
            size: float,
            into: dict[str, float] = sizes,
        ) -> None:
            into[text.strip()] = abs(size * tm[3])

        pages[0].extract_text(visitor_text=seen)
        atmist = [
            size for text, size in sizes.items() if "into a muscle" in text or text == "poisoned in an ambush"
        ]
        assert atmist and min(atmist) * 0.75 >= 12  # the page is set in CSS pixels, 96 to the inch


def test_labels_of_the_picture_never_touch_each_other():
    looks = [
        row(n, observation({"systolic_mmhg": 110 + n, "diastolic_mmhg": 60 + n}), n * 0.4)
        for n in range(1, 30)
    ]
    svg = drawn(handover(rows=tuple(looks)))
    labels = [
        (float(one.get("x", "0")), one.text or "")
        for one in svg.iter(f"{SVG}text")
        if "/" in (one.text or "")
    ]
    labels.sort()
    assert len(labels) >= 8
    for (left, one), (right, other) in zip(labels, labels[1:], strict=False):
        assert right - left >= 0.62 * 9 * (len(one) + len(other)) / 2


def test_what_is_only_about_then_says_so_in_a_word_and_not_with_a_sign():
    text = PdfReader(io.BytesIO(report.as_pdf(compose(handover()), "Shizune"))).pages[1].extract_text()
    assert "about 4 Mar 09:00" in " ".join(text.split()) and "~" not in text
