"""What a builder makes of a row, and what all builders share: sealers, indexes, places of the county."""

import json
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from core.crypto import Indexer, LastFourIndexer, Sealer
from core.models import Organization
from students.models import SchoolProfile
from students.rules import codes, names, sealed_row
from students.rules.identity import BAD_CHECK, BAD_DATE, OTHER_DOCUMENT, RESIDENT, Number, birth_of
from students.rules.naming import Places

ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
VALID_FORMS = (RESIDENT, OTHER_DOCUMENT)
STATE_OF_FORM = {RESIDENT: "valid", BAD_CHECK: "invalid", BAD_DATE: "invalid", OTHER_DOCUMENT: "other"}


@dataclass
class Draft:
    """A row ready for staging; the fields of students.models.source.RowFields in plain form."""

    person: str
    place: str = ""
    name: str = ""
    number: Number | None = None
    roll_number: str = ""
    birth: date | None = None
    birth_stated: bool = False
    phone: str = ""
    address: str = ""
    household_address: str = ""
    facts: dict = field(default_factory=dict)


SCHOOLS = (Organization.Kind.SCHOOL, Organization.Kind.TEACHING_POINT)


class Context:
    """What the rows of one snapshot need to know about the county; read once."""

    def __init__(self, snapshot):
        self.kind, self.as_of, self.coverage = snapshot.kind, snapshot.as_of, snapshot.coverage
        nodes = list(
            Organization.objects.below(snapshot.coverage).exclude(kind=Organization.Kind.CLASS).values_list("kind", "code", "name")
        )
        self.nodes = {code: (kind, name) for kind, code, name in nodes}
        county = Organization.objects.filter(parent=None).values_list("name", flat=True).first() or ""
        self.places = Places(nodes, county)
        # a list names the same few hundred places in every row
        self.school, self.village = lru_cache(8192)(self.places.school), lru_cache(8192)(self.places.village)
        self.has_directory = Organization.objects.filter(kind__in=SCHOOLS).exists()  # of the county, whatever the list covers
        self.school_kinds = {
            code: codes.parse_school_kind(kind)[0] for code, kind in SchoolProfile.objects.values_list("school__code", "kind")
        }
        self.number_sealer, self.address_sealer = Sealer("person.id_number"), Sealer("household.address")
        self.row_sealer = Sealer(sealed_row.SEALED_AS)
        self.last_four_index = LastFourIndexer()
        self.identity_index, self.key_index, self.content_index = (
            Indexer("person.id_number"),
            Indexer("list_row.key"),
            Indexer("list_row.content"),
        )

    def staged(self, draft, cells):
        """The draft as values in the order of COLUMNS: sealed, indexed, hashed."""
        number, roll = draft.number, draft.roll_number
        usable = number is not None and number.usable
        text = number.text if usable else ""
        facts = ENCODE(draft.facts)
        content = "\x1f".join((draft.name, text, roll, str(draft.birth), draft.phone, draft.address or draft.household_address, facts))
        inner = roll[1:] if roll[:1] == "G" and len(roll) == 19 else ""
        return (
            cells.sheet, cells.row_number, self.key_index.index(draft.person), draft.place[:60], self.content_index.index(content),
            self._identity(draft, usable), usable and number.form in VALID_FORMS, STATE_OF_FORM.get(number.form, "none") if number else "",
            self.last_four_index.index(text) if usable else None, self.identity_index.index(inner) if inner and inner != text else None,
            draft.name[:60], names.name_key(draft.name)[:60], names.pinyin_initials(draft.name)[:20], draft.birth, draft.birth_stated,
            facts,
            self.number_sealer.seal(text), self.address_sealer.seal(draft.household_address),
            self.sealed(cells.row, roll, draft.phone, draft.address),
        )  # fmt: skip

    def sealed(self, row, roll_number="", phone="", address=""):
        """The row as it came, and what was read from it, in one sealing."""
        return self.row_sealer.seal_bytes(sealed_row.closed(roll_number, phone, address, row))

    def _identity(self, draft, usable):
        """Whom the row is about: the number; without one the name, birth date and place, which never equals a number's index."""
        if draft.number is None:
            return None
        if usable:
            return self.identity_index.index(draft.number.text)
        where = draft.roll_number or draft.place
        if names.is_one_word(draft.name, draft.facts.get("ethnic") or ""):  # two girls called 卓玛 are born on one day in one school
            where += f":{draft.facts.get('class') or ''}"
        return self.identity_index.index(f"none:{names.name_key(draft.name)}:{draft.birth}:{where}")


COLUMNS = (
    "sheet", "row_number", "person_key", "place_key", "content_hash", "identity", "number_valid", "number_state", "last_four_index",
    "roll_identity",
    "name", "name_key", "pinyin", "birth_on", "birth_stated", "facts", "number", "household_address", "sealed",
)  # fmt: skip


def birth_in(number):
    """Birth date that a usable number carries; None else."""
    return birth_of(number.text) if number and number.usable else None
