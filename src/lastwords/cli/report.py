"""`lastwords case AUTHOR report`: the handover report, made on the keeper's own machine from entries it opens itself.

The report leaves the sealed world: whoever holds the file can read it. So it is written for its keeper alone (0600),
never sent anywhere, and never written over another file.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import click

from lastwords.case import fhir, plot, sheets
from lastwords.case.handover import Handover, Involved, LogHead, Report
from lastwords.case.moment import Moment
from lastwords.case.refusals import CaseRefused
from lastwords.case.report import compose
from lastwords.case.rows import rows_of
from lastwords.case.text import as_text
from lastwords.cli import entries, sheet, show
from lastwords.cli.errors import Stopped
from lastwords.cli.home import must_not_be_there, write_atomically
from lastwords.cli.log import check_chain, fetched
from lastwords.cli.me import Me, me, named_author
from lastwords.signing.refusals import Refused

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_WORD = 18  # characters; the narrowest column of the report holds as many

at_option = click.option(
    "--at",
    help="The time now, where this machine's clock is wrong: 2026-12-24 18:00. Ages are counted from it.",
)


@click.command("report")
@click.option("--pdf", "form", flag_value="pdf", help="Three pages for paper.")
@click.option("--text", "form", flag_value="text", default=True, help="Plain text (as without any of these).")
@click.option("--fhir", "form", flag_value="fhir", help="JSON for a clinic's system: a FHIR R4B document.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A new file.")
@click.option(
    "--sheet",
    "sheet_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The author's medical sheet from a file, opened. Default: the one the host keeps, opened with your key.",
)
@click.option("--with-keepers-only", is_flag=True, help="Also show what only keepers may read.")
@at_option
@show.answers
def report(form: str, out: Path, sheet_file: Path | None, with_keepers_only: bool, at: str | None) -> None:
    """Write the handover report: what happened, signs, treatments, timeline, open questions. No words are in it."""
    must_not_be_there(out, "Name a new file with --out.")
    person = me()
    author = named_author()
    medical, without = (read_sheet(sheet_file), None) if sheet_file else sealed_sheet(person, author)
    given = gathered(person, author, medical, with_keepers_only, at)
    write_atomically(out, rendered(given, form))
    unread = sorted(row.number for row in given.rows if row.entry is None)
    show.tell(
        {
            "file": str(out),
            "form": form,
            "case": given.case,
            "entries": len(given.rows),
            "unread": unread,
            "without_sheet": without,
        },
        f"The handover report of case {given.case} is in {out}. Whoever holds this file can read it.",
        *(
            [f"Not in it, since your key does not open them: {', '.join(map(str, unread))}."]
            if unread
            else []
        ),
    )


def sealed_sheet(person: Me, author: str) -> tuple[sheets.MedicalSheet | None, str | None]:
    """The medical sheet that the author sealed for the keepers; or none, and why.

    Whatever is wrong with the sheet, the report is made: somebody waits for it. Then it says *not stated*."""
    try:
        found = sheet.opened(person, author, "medical")
    except (Stopped, CaseRefused, Refused) as stopped:
        return None, stopped.happened
    return (
        (found, None) if isinstance(found, sheets.MedicalSheet) else (None, "The host shows another sheet.")
    )


def read_sheet(path: Path) -> sheets.MedicalSheet:
    """The medical sheet of a file. Raises Stopped when it holds another sheet, CaseRefused when it holds none."""
    found = sheets.read(path.read_bytes())
    if not isinstance(found, sheets.MedicalSheet):
        raise Stopped(
            f"The sheet in {path} is not the medical one; no report was written.",
            "Name the author's medical sheet.",
            "another_sheet",
        )
    return found


def gathered(
    person: Me,
    author: str,
    medical: sheets.MedicalSheet | None,
    keepers_only: bool = False,
    at: str | None = None,
) -> Handover:
    """Everything the report needs: the case as the host shows it, its entries opened here, the log's checked head.

    `at` is the moment it is made, as typed; this machine's clock says it when it is left out."""
    case = entries.running(person, author)
    zone = person.person.zone
    moment = show.moment(at, zone) if at else int(datetime.now(UTC).timestamp())
    return Handover(
        case=case["number"],
        author=case["name"],
        handle=author,
        made=Moment(moment, zone),
        made_by=person.person.name or person.handle,
        opened=Moment(case["opened"], zone),
        host=person.host.origin,
        rows=rows_of(entries.listed(person, author, case)),
        people=people_of(case),
        sheet=medical,
        log=log_head(person, author),
        with_keepers_only=keepers_only,
    )


def people_of(case: Mapping[str, Any]) -> tuple[Involved, ...]:
    """The keepers of a case by their names: who was called, and who was heard of in it since, in whatever way."""
    wrote = {row["by"] for row in case["entries"]} | {made["keeper"] for made in case.get("statements", [])}
    there = {*case["answered"], *wrote}
    return tuple(
        Involved(
            one["handle"],
            one["name"],
            ("alternate" if one["alternate"] else "keeper")
            + (", has answered" if one["handle"] in there else ", called, no answer yet"),
        )
        for one in case["people"]
    )


def log_head(person: Me, author: str) -> LogHead | None:
    """The last row of the author's log, with every link before it checked. Raises Stopped when one does not fit."""
    rows = fetched(person, author)
    check_chain(author, rows)
    return LogHead(rows[-1]["number"], rows[-1]["link"]) if rows else None


def rendered(given: Handover, form: str) -> bytes:
    """The report in one of its forms: text (UTF-8), pdf, or fhir (JSON)."""
    if form == "fhir":
        return (json.dumps(fhir.bundle(given), ensure_ascii=False, indent=1) + "\n").encode()
    made = compose(given)
    return as_text(made).encode() if form == "text" else as_pdf(made, given.made_by)


def as_page(made: Report, made_by: str) -> str:
    """The report as one self-contained HTML page, made for A4. Everything from the case is escaped."""
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise _without_pdf("the parts of the extra `report` are not installed") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: Markup(set_for_paper(value)) if type(value) is str else value,
    )
    # The picture escapes its own texts; everything else is escaped by the template.
    drawn = Markup(plot.picture(made.trend))
    return environment.get_template("report.html").render(report=made, plot=drawn, made_by=made_by)


def set_for_paper(text: str) -> str:
    """A text as HTML: escaped, a number kept on one line with what it counts, a name like P.19 never broken, and an
    endless word broken where it must be, since it would push what stands beside it off the paper."""
    kept = re.sub(r"(?<=\d) (?=°C|[^\W\d_]{1,6}\b)", "\u00a0", text)
    kept = re.sub(r"(\d\u00a0(?:h|min|days)) ago", "\\1\u00a0ago", kept)
    return "".join(_set_word(part) for part in re.split(r"(\s+)", kept))


def _set_word(word: str) -> str:
    if len(word) > LONGEST_WORD:
        pieces = [word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD)]
        return "<wbr>".join(escape(piece) for piece in pieces)
    plain = escape(word)
    return f'<span class="whole">{plain}</span>' if re.search(r"\.\d", word) else plain


def as_pdf(made: Report, made_by: str) -> bytes:
    """The report as tagged PDF (PDF/UA-1). Fetches nothing: the page refers to nothing outside itself."""
    page = as_page(made, made_by)
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError as error:
        raise _without_pdf("the parts of the extra `report` are not installed") from error
    except OSError as error:
        raise _without_pdf("this system has no Pango, the library that sets text") from error
    # Its remarks on fonts and drawing are for developers; what fails, fails with an exception.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fetcher = URLFetcher(allowed_protocols=())
    return bytes(HTML(string=page, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1"))


def _without_pdf(why: str) -> Stopped:
    return Stopped(
        f"The report cannot be drawn as PDF: {why}. Nothing was written.",
        "Take --text, which needs nothing more; or let make setup bring WeasyPrint, and Debian libpangoft2-1.0-0.",
        "no_pdf",
    )
