"""SECURITY.md lists what the host can read: every column there is, every field of a case, every kind of document.

A list kept by hand grows old in silence. This one is compared with the schema and with the code that writes.
"""

import ast
import dataclasses
import importlib
import re
from pathlib import Path

import pytest

import lastwords
from lastwords.protocol.watch import Case, Statement, Track
from lastwords.server.port import SHREDDED_KINDS

SECURITY = Path(__file__).parents[2] / "SECURITY.md"
API = Path(lastwords.__file__).parent / "server" / "api"
WORD = re.compile(r"`([a-z0-9_]+)`")


def section() -> str:
    text = SECURITY.read_text(encoding="utf-8")
    return text.split("### Table by table", 1)[1].split("\nWhat was written", 1)[0]


def listed() -> dict[str, tuple[set[str], set[str]]]:
    """For each table of the list: what can be read, and what cannot."""
    rows = (line.split("|")[1:4] for line in section().splitlines() if line.count("|") == 4)
    found = {}
    for table, read, not_read in rows:
        if (name := WORD.search(table)) and "sealed" not in read:
            found[name[1]] = (set(WORD.findall(read)), set(WORD.findall(not_read)))
    return found


def papers() -> dict[str, str]:
    """Each kind of document and what the list says of its body."""
    rows = (line.split("|")[1:3] for line in section().splitlines() if line.count("|") == 3)
    return {kind: said.strip() for kinds, said in rows for kind in WORD.findall(kinds)}


BOOKKEEPING = {
    "django_migrations",
    "django_content_type",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
}
"""Tables in which the libraries keep account of themselves: names of models and migrations, and nobody's."""


def columns() -> dict[str, set[str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        return {
            name: {column.name for column in connection.introspection.get_table_description(cursor, name)}
            for name in connection.introspection.table_names(cursor)
            if name not in BOOKKEEPING
        }


def missing(schema: dict[str, set[str]]) -> set[str]:
    """What stands in the schema and not in the list, or the other way round."""
    known = {table: read | not_read for table, (read, not_read) in listed().items()}
    names = known.keys() | schema.keys()
    return {f"{table}.{one}" for table in names for one in known.get(table, set()) ^ schema.get(table, set())}


def written() -> set[str]:
    """Every kind of document that the API's code writes, by the name it gives it."""
    found = set(SHREDDED_KINDS)
    for path in API.glob("*.py"):
        module = importlib.import_module(f"lastwords.server.api.{path.stem}")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Paper":
                kind = call.args[0]
                if isinstance(kind, ast.Constant):
                    found.add(kind.value)
                elif isinstance(kind, ast.Attribute) and isinstance(kind.value, ast.Name):
                    found.add(getattr(getattr(module, kind.value.id), kind.attr))
                elif isinstance(kind, ast.Name) and hasattr(module, kind.id):
                    found.add(getattr(module, kind.id))
    return found


@pytest.mark.usefixtures("house")
def test_every_column_of_the_database_is_in_the_list_and_no_other():
    assert missing(columns()) == set()


@pytest.mark.usefixtures("house")
def test_a_new_column_would_be_missed():
    """A planted column and a planted table: the comparison names both."""
    planted = columns() | {"diary": {"text"}}
    planted["person"] = planted["person"] | {"last_seen_at"}
    assert missing(planted) == {"person.last_seen_at", "diary.text"}


@pytest.mark.usefixtures("house")
def test_the_tables_left_out_of_the_list_hold_nothing_of_people():
    """They name no person and no account: no column of theirs leads to one."""
    from django.db import connection

    with connection.cursor() as cursor:
        for name in BOOKKEEPING & set(connection.introspection.table_names(cursor)):
            found = {column.name for column in connection.introspection.get_table_description(cursor, name)}
            assert not found & {"user_id", "person_id", "email", "data", "body"}, name
            leads_to = {table for _, table in connection.introspection.get_relations(cursor, name).values()}
            assert leads_to <= BOOKKEEPING, name


def test_every_field_of_a_case_a_statement_and_a_track_is_in_the_list():
    words = set(WORD.findall(section()))
    for record in (Case, Statement, Track):
        assert {field.name for field in dataclasses.fields(record)} <= words, record.__name__


@pytest.mark.usefixtures("house")
def test_every_kind_of_document_is_in_the_list_and_no_other():
    assert papers().keys() == written()
    assert len(written()) >= 20
