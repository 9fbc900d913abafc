"""Every paper of the product with names few fonts know: each character is drawn, or the paper is held back and says which name."""

import html
import io
import os
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from core import documents
from core.actions import sealing
from core.models import Organization
from students.models import Child
from tests import cast
from tests.archives.access import report_of
from tests.core.test_documents_guarded import empty_glyphs
from tests.test_access import ROUTES

pytestmark = pytest.mark.django_db
PROOF = "papers"
RARE = (
    "㐂㛃㭎㸆䶮䲟䥽䦃𠀀𠂆𠮷𠃌𡈽𡐓𡝭𢋈𢛳𣗋𣿅𤋮𤝹𥔲𥖨𦈡𦍌𦭜𧘇𧿹𨭆𨺙𩽾𪚥𪟝𪣻𪨶𪾢𫍯𫓧𫖯𫘨𫠊𫢸𫮃𬀩𬌗𬬻𬭎𬳵𮕵𮧵𰀁𰃮𰻞𰽔𱁬𱃱𲎯龴龵鿍鿎鿏"
)
DOTTED = ("阿依·古丽", "买买提‧艾力", "次仁•卓玛", "木・呷")
NO_FONT = {"Tibetan": "ཚེ་རིང", "Uyghur": "ئايگۈل", "Mongolian": "ᠮᠣᠩᠭᠣᠯ", "Yi": "ꆈꌠ", "of no standard": "王\ue000"}
NAMES = [RARE[at : at + 8] for at in range(0, len(RARE), 8)] + list(DOTTED)
PAPERS = {
    "archives:report_print": {"format": "pdf"}, "dropout:absence_print": {},
    "dropout:case_print": {}, "register": {}, "students:household_print": {}, "students:roll_change_print": {},
}  # fmt: skip
ROUTE = {"register": ("dropout:case_print", {"paper": "register"})}
KEPT = os.environ.get("PAPERS_KEPT")  # a folder in which they are left to be looked at


@pytest.fixture
def house(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    house = cast.build()
    report_of(house, "school")
    sealing.seal_entries(timezone.now() + timedelta(days=1))
    return house


def named(house, name):
    """The child, its school and its village under this name."""
    Child.objects.filter(pk=house.children.own.pk).update(name=name)
    for node in (house.nodes.school, house.nodes.village, house.nodes.township):
        Organization.objects.filter(pk=node.pk).update(name=f"{name[:4]}{node.get_kind_display()}")


def asked(house, paper):
    """The answer of the route that gives the paper; nothing of the call remains."""
    name, more = ROUTE.get(paper, (paper, {}))
    rule = ROUTES[name]
    arguments = (rule.own(house) if rule.own else {}) | PAPERS[paper] | more
    client = Client()
    client.force_login(house.people["bureau_admin"])
    with transaction.atomic():
        url = reverse(name, kwargs=arguments) + rule.query.replace("format=xlsx", "format=pdf")
        answer = client.get(url)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, content


def faults_of(pdf, name):
    pages = PdfReader(io.BytesIO(pdf)).pages
    text = "".join(re.sub(r"\s", "", page.extract_text()) for page in pages)
    lost = [character for character in name[:4] if character not in text]
    return ["a box"] * any(map(empty_glyphs, pages)) + [f"not in the text: {''.join(lost)}"] * bool(lost)


@pytest.mark.parametrize("paper", PAPERS)
def test_each_with_every_name(house, tally, paper):
    wrong, pages = {}, set()
    for name in NAMES:
        named(house, name)
        status, content = asked(house, paper)
        if not content.startswith(b"%PDF"):
            wrong[name] = f"answered {status}"
            continue
        pages.add(len(PdfReader(io.BytesIO(content)).pages))
        found = faults_of(content, name)
        wrong |= {name: found} if found else {}
        if KEPT:
            with open(f"{KEPT}/{paper.replace(':', '-')}-{NAMES.index(name)}.pdf", "wb") as out:
                out.write(content)
    tally(PROOF, f"rare names on {paper}", len(NAMES), len(wrong), f"{len(RARE)} characters, pages {sorted(pages)} {wrong or ''}".strip())


@pytest.mark.parametrize("paper", PAPERS)
def test_each_is_held_back_for_what_no_font_draws(house, tally, paper):
    wrong = {}
    for script, name in NO_FONT.items():
        begins = name[:4]  # what a unit of the name carries of it: a report names no child
        missing = documents.missing_glyphs(begins)
        if not missing:
            continue  # this machine has a font for it
        named(house, name)
        status, content = asked(house, paper)
        page = html.unescape(content.decode(errors="replace"))
        said = begins in page and all(f"U+{ord(one):04X}" in page for one in missing)
        wrong |= {} if status == 409 and said else {script: status}
    tally(PROOF, f"names no font draws on {paper}", len(NO_FONT), len(wrong), str(wrong or "–"))
