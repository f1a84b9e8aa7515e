"""The text of a mail that was written as a web page, quotations marked with `>` as plain mail has them.

Nothing is fetched and nothing is run; the parser is Python's own. What cannot be told from a quotation is one.
"""

import re
from html.parser import HTMLParser

MOST = 20_000
"""Characters of a page that are read, from its body on. An answer stands near the top, and the parser is slow with what
is made to be slow: tags that never end cost it the square of their number."""
UNSEEN = ("head", "style", "script", "title", "template")
QUOTES = re.compile(
    r"gmail_quote|gmail_attr|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote",
    re.I,
)
"""Classes of what mail programs put around the letter that is answered."""
SIGNATURES = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature|ms-outlook-mobile-signature", re.I
)
ENDS = re.compile(
    r"divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION", re.I
)
"""Names of the place below which Outlook keeps everything that was said before, with nothing around it."""
BORDER = re.compile(r"border-top:\s*solid\s*#?(?:e1e1e1|b5c4df)", re.I)
"""The line that Outlook draws there, and gives no name."""
LINES = ("p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "ul", "ol", "pre", "hr", "blockquote")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quoted: list[bool] = [False]
        self.ended = False
        self._closed_by = ""
        """The kind of element that is left out or quoted at the moment, and how many of the kind stand open in it."""
        self._open = 0
        self._unseen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in LINES:
            self._line()
        if self._closed_by:
            self._open += tag == self._closed_by
            return
        marks = f"{said.get('class', '')} {said.get('id', '')}"
        if ENDS.search(marks) or BORDER.search(said.get("style", "")):
            self.ended = True
        elif tag in UNSEEN or SIGNATURES.search(marks):
            self._closed_by, self._open, self._unseen = tag, 1, True
        elif tag == "blockquote" or QUOTES.search(marks):
            self._closed_by, self._open = tag, 1
            self._line()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LINES:
            self._line()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._closed_by:
            self._open -= 1
            if not self._open:
                self._closed_by, self._unseen = "", False
                self._line()
        if tag in LINES:
            self._line()

    def handle_data(self, data: str) -> None:
        if not (self.ended or self._unseen):
            self.lines[-1] += re.sub(r"\s+", " ", data)

    def _line(self) -> None:
        self.lines.append("")
        self.quoted.append(bool(self._closed_by))


def text_in(page: str) -> str:
    """What a person reads of a web page, line by line; each line of a quotation begins with `> `."""
    parser = _Text()
    begins = max(page.lower().find("<body"), 0)
    parser.feed(page[begins : begins + MOST])
    parser.close()
    return "\n".join(
        f"> {line}" if quoted and line.strip() else line.strip()
        for line, quoted in zip(parser.lines, parser.quoted, strict=True)
    )
