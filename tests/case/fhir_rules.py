"""Our own rules for the bundle, as docs/case.md states them: each is a function from a bundle to its offences."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

Bundle = dict[str, Any]
RULES: dict[str, Callable[[Bundle], list[str]]] = {}

MANDATORY = {"11450-4", "48765-2", "10160-0"}
SYSTEMS = (
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
    "http://terminology.hl7.org/CodeSystem/",
)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}")


def rule(check: Callable[[Bundle], list[str]]) -> Callable[[Bundle], list[str]]:
    RULES[check.__name__] = check
    return check


def everything(value: Any) -> Iterator[tuple[str, Any]]:
    """Every (key, value) pair at any depth."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part
            yield from everything(part)
    elif isinstance(value, list):
        for part in value:
            yield from everything(part)


def resources(bundle: Bundle, kind: str) -> list[Any]:
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def sections(bundle: Bundle) -> list[Any]:
    return bundle["entry"][0]["resource"]["section"]


@rule
def it_is_a_document_that_begins_with_its_composition(bundle: Bundle) -> list[str]:
    first = bundle["entry"][0]["resource"]
    fits = (
        bundle["type"] == "document"
        and bundle["identifier"]["value"].startswith("urn:uuid:")
        and INSTANT.fullmatch(bundle["timestamp"])
        and first["resourceType"] == "Composition"
        and first["type"]["coding"][0]["code"] == "60591-5"
        and len(resources(bundle, "Composition")) == len(resources(bundle, "Patient")) == 1
    )
    return [] if fits else ["not a summary document"]


@rule
def every_resource_has_an_address_of_its_own_made_of_its_identifier(bundle: Bundle) -> list[str]:
    urls = [one["fullUrl"] for one in bundle["entry"]]
    wrong = [
        one["fullUrl"] for one in bundle["entry"] if one["fullUrl"] != f"urn:uuid:{one['resource']['id']}"
    ]
    return wrong + (["twice the same"] if len(set(urls)) != len(urls) else [])


@rule
def every_reference_leads_to_a_resource_and_every_resource_is_referred_to(bundle: Bundle) -> list[str]:
    urls = {one["fullUrl"] for one in bundle["entry"]}
    referred = {value for key, value in everything(bundle) if key == "reference"}
    unused = urls - referred - {bundle["entry"][0]["fullUrl"]}
    return [f"leads nowhere: {one}" for one in referred - urls] + [f"unused: {one}" for one in unused]


@rule
def problems_allergies_and_medicines_are_there_even_when_nothing_is_known(bundle: Bundle) -> list[str]:
    there = {one["code"]["coding"][0]["code"] for one in sections(bundle) if one.get("entry")}
    return sorted(MANDATORY - there)


@rule
def every_section_can_be_read_without_its_entries(bundle: Bundle) -> list[str]:
    found = []
    for one in sections(bundle):
        div = ElementTree.fromstring(one["text"]["div"])
        if not one["title"] or not "".join(div.itertext()).strip():
            found.append(one["title"])
    return found


@rule
def every_observation_says_when_of_whom_by_whom_and_one_thing(bundle: Bundle) -> list[str]:
    found = []
    for one in resources(bundle, "Observation"):
        values = [key for key in one if key.startswith("value")]
        fits = (
            INSTANT.fullmatch(one["effectiveDateTime"])
            and one["subject"]
            and one["performer"]
            and one["category"][0]["coding"][0]["code"] == "vital-signs"
            and (len(values) == 1 or (not values and one["component"]))
        )
        found += [] if fits else [one["id"]]
    return found


@rule
def no_code_is_taken_from_a_system_that_was_not_looked_up(bundle: Bundle) -> list[str]:
    found = [value for key, value in everything(bundle["entry"]) if key == "system"]
    return [one for one in found if not str(one).startswith(SYSTEMS)]


@rule
def what_helpers_gave_and_what_was_ailing_is_text_and_never_a_guessed_code(bundle: Bundle) -> list[str]:
    found = []
    for kind in ("MedicationAdministration", "MedicationStatement", "Condition", "AllergyIntolerance"):
        for one in resources(bundle, kind):
            code = one.get("code") or one["medicationCodeableConcept"]
            coded = [coding["system"] for coding in code.get("coding", [])]
            if not code.get("text") or any("absent-unknown" not in system for system in coded):
                found.append(one["id"])
    return found
