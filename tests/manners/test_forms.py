"""Forms that wait for their script: what is typed into one must go nowhere before the script is there."""

import re

from manners.house import tracked

FORM = re.compile(r"<form\b[^>]*>")
AREA = re.compile(r"""<textarea\b[^>]*>|el\("textarea", \{[^}]*\}""")


def unsafe_forms(texts: dict[str, str]) -> list[str]:
    """Forms of templates that a browser would send by itself with what was typed in their address."""
    return [
        f"{name}: {form}"
        for name, text in texts.items()
        if "/templates/" in name
        for form in FORM.findall(text)
        if not re.search(r'method="(post|dialog)"', form) and not re.search(r'method="get"', form)
    ]


def test_no_form_puts_what_is_typed_into_an_address_unless_it_says_so():
    """`dialog` sends nothing until a script answers the form; one without a method sends all of it in an address."""
    assert unsafe_forms(tracked()) == []
    assert unsafe_forms({"a/templates/x.html": '<form data-form="passphrase">'}) != []


def test_a_form_that_a_script_answers_is_sent_by_nothing_else():
    texts = {name: text for name, text in tracked().items() if "/templates/" in name}
    answered = [form for text in texts.values() for form in FORM.findall(text) if "data-form=" in form]
    assert answered
    assert [form for form in answered if 'method="dialog"' not in form and "action=" not in form] == []


def kept_by_browsers(texts: dict[str, str]) -> list[str]:
    """Long fields whose text a browser lays on the disk as it is, to bring it back with the tab some day."""
    return [
        f"{name}: {area}"
        for name, text in texts.items()
        if "/templates/" in name or (name.startswith("web/") and name.endswith((".ts", ".html")))
        for area in AREA.findall(text)
        if not re.search(r"""autocomplete(="|: ")off\"""", area)
    ]


def test_no_browser_keeps_what_is_typed_to_be_sealed():
    """Chromium writes the text of every field into its file of open tabs, also of pages that may not be kept, but for
    those that say so."""
    assert kept_by_browsers(tracked()) == []
    assert kept_by_browsers({"a/templates/x.html": '<textarea name="letter" rows="12"></textarea>'}) != []
    assert kept_by_browsers({"web/src/x.ts": 'el("textarea", { id, rows: "3" })'}) != []
