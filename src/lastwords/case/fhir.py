"""The handover report as a FHIR R4B document bundle, shaped after the International Patient Summary (IPS).

Sources: HL7 FHIR R4B (Bundle, Composition, Observation, …); the HL7 guide *International Patient Summary* 1.1 for
which sections a summary must have and for the codes of what is unknown; LOINC for sections and vital signs. What the
author wrote ahead goes into the sections of a summary; what helpers saw and gave goes into *vital signs* and
*medications administered*, performed by people who are not clinicians unless a source says so.

Only LOINC and FHIR's own codes are used: drugs, allergies and conditions stay as text, since coding them would be a
guess. Our own rules for the bundle stand in docs/case.md, and a test holds it to them; nobody else has certified it.
"""

from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lastwords.case.entries import Harm, Treatment
from lastwords.case.handover import Handover, person_of, state_of
from lastwords.case.moment import iso
from lastwords.case.news2 import Score, news2
from lastwords.case.observation import RANGE_OF, Observation
from lastwords.case.sheets import Listed, MedicalSheet, Said, Sex
from lastwords.case.spoken import observed, substance, treated
from lastwords.case.state import Fact, Seen

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

Resource = dict[str, Any]

# Sections: title, LOINC code and its display.
PROBLEMS = ("Problems", "11450-4", "Problem list - Reported")
ALLERGIES = ("Allergies and intolerances", "48765-2", "Allergies and adverse reactions Document")
MEDICINES = ("Medication summary", "10160-0", "History of Medication use Narrative")
DEVICES = ("Medical devices", "46264-8", "History of medical device use")
WISHES = ("Advance directives", "42348-3", "Advance healthcare directives")
VITAL = ("Vital signs seen by helpers", "8716-3", "Vital signs")
GIVEN = ("Medications given by helpers", "29549-3", "Medication administered Narrative")

# Observed values: our field, LOINC code and display, UCUM code and printed unit, divisor.
VITALS = (
    ("breaths_per_minute", "9279-1", "Respiratory rate", "/min", "breaths per minute", 1),
    ("pulse_per_minute", "8867-4", "Heart rate", "/min", "beats per minute", 1),
    ("spo2_percent", "2708-6", "Oxygen saturation in Arterial blood", "%", "%", 1),
    ("temperature_tenths", "8310-5", "Body temperature", "Cel", "°C", 10),
    (
        "pain",
        "72514-3",
        "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
        "{score}",
        "of 10",
        1,
    ),
)
PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
UPPER, LOWER = ("8480-6", "Systolic blood pressure"), ("8462-4", "Diastolic blood pressure")
RESPONSE = ("67775-7", "Level of responsiveness")


def bundle(given: Handover) -> Resource:
    """The bundle as plain JSON data. The same handover gives the same bundle, identifiers included."""
    return _Document(given).bundle()


class _Document:
    """One bundle in the making: resources get their identifiers from the case and from where they stand."""

    def __init__(self, given: Handover) -> None:
        self.given = given
        self.now = state_of(given)
        self.sheet = given.sheet or MedicalSheet(filled_in=given.made)
        self.resources: list[tuple[str, Resource]] = []
        self.space = uuid5(
            NAMESPACE_URL, f"{given.host}/watches/{given.handle}/cases/{given.case}/{given.made.at}"
        )
        self.patient = self._add("patient", self._patient())
        self.maker = self._add("maker", self._maker())

    def bundle(self) -> Resource:
        sections = [
            self._listed_section(PROBLEMS, self.sheet.conditions, self._condition, "problem", self._harms()),
            self._listed_section(ALLERGIES, self.sheet.allergies, self._allergy, "allergy", []),
            self._listed_section(MEDICINES, self.sheet.medicines, self._medicine, "medication", []),
            self._listed_section(DEVICES, self.sheet.devices, self._device, None, []),
            self._section(WISHES, [f"{one.what}: lies {one.lies_at}" for one in self.sheet.wishes], []),
            self._vital_section(),
            self._given_section(),
        ]
        composition = self._composition([one for one in sections if one is not None])
        entries = [("composition", composition), *self.resources]
        return {
            "resourceType": "Bundle",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{self.space}"},
            "type": "document",
            "timestamp": self._time(self.given.made.at),
            "entry": [{"fullUrl": self._url(name), "resource": resource} for name, resource in entries],
        }

    # Names and references.

    def _id(self, name: str) -> str:
        return str(uuid5(self.space, name))

    def _url(self, name: str) -> str:
        return f"urn:uuid:{self._id(name)}"

    def _add(self, name: str, resource: Resource) -> Resource:
        self.resources.append((name, {**resource, "id": self._id(name)}))
        return {"reference": self._url(name)}

    def _time(self, at: int) -> str:
        return iso(at, self.given.made.zone)

    # The summary's own parts.

    def _composition(self, sections: list[Resource]) -> Resource:
        given = self.given
        return {
            "resourceType": "Composition",
            "id": self._id("composition"),
            "status": "final",
            "type": _coded(LOINC, "60591-5", "Patient summary Document"),
            "subject": self.patient,
            "date": self._time(given.made.at),
            "author": [self.maker],
            "title": f"Handover report, case {given.case}, shaped after the International Patient Summary",
            "text": _narrative([f"Handover report for {given.author}, made by {given.made_by}."]),
            "section": sections,
        }

    def _patient(self) -> Resource:
        patient: Resource = {"resourceType": "Patient", "name": [{"text": self.given.author}]}
        gender = {Sex.MALE: "male", Sex.FEMALE: "female", Sex.OTHER: "other", Sex.NOT_STATED: "unknown"}
        patient["gender"] = gender[self.sheet.sex]
        if self.sheet.born:
            patient["birthDate"] = self.sheet.born
        else:
            patient["_birthDate"] = {"extension": [{"url": ABSENT_REASON, "valueCode": "unknown"}]}
        return patient

    def _maker(self) -> Resource:
        """Whoever hands over stands here as a person close to the patient: a keeper need not be a clinician."""
        return {
            "resourceType": "RelatedPerson",
            "patient": self.patient,
            "name": [{"text": self.given.made_by}],
        }

    def _section(self, of: tuple[str, str, str], lines: list[str], refs: list[Resource]) -> Resource | None:
        if not lines:
            return None
        title, code, display = of
        section: Resource = {"title": title, "code": _coded(LOINC, code, display), "text": _narrative(lines)}
        if refs:
            section["entry"] = refs
        return section

    def _listed_section(
        self,
        of: tuple[str, str, str],
        listed: Listed,
        make: Any,
        absent: str | None,
        more: list[tuple[str, Resource]],
    ) -> Resource | None:
        """A section of what the author wrote ahead. A mandatory one (`absent` names its codes) is never left out."""
        lines, refs = [line for line, _ in more], [ref for _, ref in more]
        for number, item in enumerate(listed.items):
            refs.append(self._add(f"{of[1]} {number}", make({"text": item})))
            lines.append(item)
        if listed.said is not Said.LISTED:
            none = listed.said is Said.NONE_KNOWN
            lines.append("None known." if none else "The author stated nothing about this.")
            if absent and not more:
                refs.append(self._add(f"{of[1]} absent", make(_absent(absent, none))))
        return self._section(of, lines if absent or listed.said is not Said.NOT_STATED else [], refs)

    def _condition(self, code: Resource) -> Resource:
        return {
            "resourceType": "Condition",
            "clinicalStatus": _coded(f"{TERMINOLOGY}/condition-clinical", "active", "Active"),
            "code": code,
            "subject": self.patient,
        }

    def _allergy(self, code: Resource) -> Resource:
        return {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": _coded(f"{TERMINOLOGY}/allergyintolerance-clinical", "active", "Active"),
            "code": code,
            "patient": self.patient,
        }

    def _medicine(self, code: Resource) -> Resource:
        return {
            "resourceType": "MedicationStatement",
            "status": "active" if "text" in code and "coding" not in code else "unknown",
            "medicationCodeableConcept": code,
            "subject": self.patient,
            "effectivePeriod": {"extension": [{"url": ABSENT_REASON, "valueCode": "unknown"}]},
        }

    def _device(self, code: Resource) -> Resource:
        device = self._add(
            f"device {code['text']}", {"resourceType": "Device", "type": code, "patient": self.patient}
        )
        return {
            "resourceType": "DeviceUseStatement",
            "status": "active",
            "subject": self.patient,
            "device": device,
            "timingPeriod": {"extension": [{"url": ABSENT_REASON, "valueCode": "unknown"}]},
        }

    # What helpers saw and did.

    def _harms(self) -> list[tuple[str, Resource]]:
        found = []
        for fact in self.now.harms:
            what = fact.entry.what
            if isinstance(what, Harm):
                text = f"{'Suspected: ' if what.suspected else ''}{what.finding} ({what.mechanism})"
                condition = self._condition({"text": text})
                status = "provisional" if what.suspected else "confirmed"
                condition["verificationStatus"] = _coded(f"{TERMINOLOGY}/condition-ver-status", status)
                condition["onsetDateTime"] = self._time(fact.at)
                condition["recordedDate"] = self._time(self.given.made.at)
                condition["note"] = [{"text": self._origin(fact)}]
                found.append((text, self._add(f"entry {fact.number}", condition)))
        return found

    def _vital_section(self) -> Resource | None:
        lines, refs = [], []
        for seen in self.now.observations:
            lines.append(
                f"{self._time(seen.fact.at)}: {', '.join((*observed(seen.what), *_more(seen.what)))}"
            )
            refs += [self._add(f"entry {seen.fact.number} {name}", one) for name, one in self._vitals(seen)]
        return self._section(VITAL, lines, refs)

    def _vitals(self, seen: Seen) -> list[tuple[str, Resource]]:
        what, found = seen.what, []
        for field, code, display, ucum, unit, divisor in VITALS:
            value = what.measured(field)
            if value is not None:
                one = self._observation(seen.fact, code, display)
                one["valueQuantity"] = _quantity(value, divisor, ucum, unit)
                found.append((field, one))
        pressure = self._pressure(seen)
        if pressure:
            found.append(("pressure", pressure))
        if what.consciousness:
            one = self._observation(seen.fact, *RESPONSE)
            one["valueCodeableConcept"] = {"text": f"{what.consciousness.value}: {what.consciousness.spoken}"}
            found.append(("consciousness", one))
        score = news2(what, person_of(self.given))
        if isinstance(score, Score):
            one = self._observation(seen.fact, None, "NEWS2 (Royal College of Physicians, 2017)")
            one["valueInteger"] = score.total
            one["component"] = [
                {"code": {"text": f"{part.name}: {part.shown}"}, "valueInteger": part.points}
                for part in score.parts
            ]
            found.append(("news2", one))
        return found

    def _pressure(self, seen: Seen) -> Resource | None:
        parts = []
        for field, (code, display) in (("systolic_mmhg", UPPER), ("diastolic_mmhg", LOWER)):
            value = seen.what.measured(field)
            if value is not None:
                quantity = _quantity(value, 1, "mm[Hg]", "mmHg")
                parts.append({"code": _coded(LOINC, code, display), "valueQuantity": quantity})
        if not parts:
            return None
        return {**self._observation(seen.fact, *PRESSURE), "component": parts}

    def _observation(self, fact: Fact, code: str | None, display: str) -> Resource:
        return {
            "resourceType": "Observation",
            "status": "final",
            "category": [_coded(f"{TERMINOLOGY}/observation-category", "vital-signs", "Vital Signs")],
            "code": _coded(LOINC, code, display) if code else {"text": display},
            "subject": self.patient,
            "effectiveDateTime": self._time(fact.at),
            "performer": [{"display": f"{fact.entry.head.by}, helper"}],
            "note": [{"text": self._origin(fact)}],
        }

    def _given_section(self) -> Resource | None:
        lines, refs = [], []
        for fact in self.now.treatments:
            what = fact.entry.what
            if isinstance(what, Treatment):
                lines.append(f"{self._time(fact.at)}: {treated(what)}")
                refs.append(self._add(f"entry {fact.number}", self._treatment(fact, what)))
        return self._section(GIVEN, lines, refs)

    def _treatment(self, fact: Fact, what: Treatment) -> Resource:
        performer = what.given_by or f"{fact.entry.head.by} (who wrote it down)"
        administration: Resource = {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationCodeableConcept": {"text": what.what},
            "subject": self.patient,
            "effectiveDateTime": self._time(fact.at),
            "performer": [{"actor": {"display": f"{performer}, helper"}}],
            "note": [{"text": self._origin(fact)}],
        }
        dosage: Resource = {"text": substance(what)}
        if what.route:
            dosage["route"] = {"text": what.route.value}
            dosage["text"] += f", {what.route.value}"
        if what.amount and what.unit:
            # The unit stays as it was written: a code for it would be a guess.
            dosage["dose"] = {"value": _decimal(what.amount), "unit": what.unit}
        if what.dose or what.route:
            administration["dosage"] = dosage
        return administration

    def _origin(self, fact: Fact) -> str:
        head = fact.entry.head
        about = ", time only about" if head.when.about else ""
        passed = f", passed on by {fact.passed_on_by}" if fact.passed_on_by else ""
        written = f"written by {head.by}, {head.source.spoken}{about}{passed}"
        return f"Entry {fact.number} of case {self.given.case}, {written}."


def _coded(system: str, code: str, display: str | None = None) -> Resource:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def _absent(what: str, none_known: bool) -> Resource:
    """`no-known-allergies` or `no-allergy-info`, and their like, as the IPS guide has them."""
    plural = {"problem": "problems", "allergy": "allergies", "medication": "medications"}[what]
    code = f"no-known-{plural}" if none_known else f"no-{what}-info"
    text = f"No known {plural}" if none_known else f"No information about {plural}"
    return _coded(ABSENT, code, text) | {"text": text}


def _quantity(value: int, divisor: int, ucum: str, unit: str) -> Resource:
    number = value if divisor == 1 else value / divisor
    return {"value": number, "unit": unit, "system": UCUM, "code": ucum}


def _decimal(amount: str) -> int | float:
    return float(amount) if "." in amount else int(amount)


def _more(seen: Observation) -> tuple[str, ...]:
    reported = ", ".join(RANGE_OF[field].name for field in seen.as_reported)
    return (*((seen.text,) if seen.text else ()), *((f"as reported only: {reported}",) if reported else ()))


def _narrative(lines: list[str]) -> Resource:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>'}
