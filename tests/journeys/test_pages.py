"""The pages of each role in the demo county: every line of the menu opens, nothing is wrong on the console, and axe finds nothing serious.

The demo county is made by the product itself, so the same pages are what a newcomer sees after `make demo`.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from config.demo_county import seed
from core.hashers import DEMO_PASSWORD
from core.models import Organization
from core.roles import ROLES
from dropout.models import Case
from students.models import Match

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

GRAVE = ("serious", "critical")
AT_THE_DOOR = ("/cases", "/suspects", "/children", "/students", "/account")


def faults_of_access(page):
    """What axe calls serious, as lines that name the rule and the place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {rule['id']}: {node['target']} {node['html'][:160]}"
        for rule in found if rule["impact"] in GRAVE for node in rule["nodes"]
    ]  # fmt: skip


def main_pages():
    """One page of each kind, with something on it."""
    school = Organization.objects.filter(kind="school").first()
    case = Case.objects.filter(state="persuading").select_related("child").first()
    return [
        "/", "/account/", "/suspects/", "/cases/", f"/cases/{case.public_id}/", f"/cases/{case.public_id}/visit/",
        f"/cases/{case.public_id}/record_return/", "/students/", f"/children/{case.child.public_id}/", "/schools/",
        f"/schools/{school.public_id}/", "/households/", "/lists/", "/lists/upload/", "/matches/",
        *[f"/matches/{match.public_id}/" for match in Match.objects.filter(state="open")[:1]], "/reports/",
    ]  # fmt: skip


def test_pages(walk, settings, tmp_path):
    settings.DEMO = True
    seed(today=timezone.localdate(), folder=tmp_path, say=lambda line: None)
    faults = []
    for role in ROLES:
        page = walk.as_person(role.code, password=DEMO_PASSWORD)
        walk.photograph(page, f"home-{role.code.replace('_', '-')}")
        faults += open_menu(walk, page)
    faults += look_closely(walk)
    assert not faults, "\n".join(faults)
    walk.sound()


def open_menu(walk, page):
    """Each line of the person's menu leads to a page the person may see."""
    page.wait_for_load_state("networkidle")
    addresses = [link.get_attribute("href") for link in page.locator("#navigation a").all()]
    assert addresses, "no menu"
    refused = [(address, answer.status) for address in addresses if (answer := page.goto(address)).status != 200]
    return [f"{page.url}: the menu's {address} answers {status}" for address, status in refused]


def look_closely(walk):
    """axe on the main pages, on a desk and on a phone; a phone's page is no wider than the phone."""
    faults = []
    desk = walk.as_person("dropout_officer", password=DEMO_PASSWORD)
    walk.pages.pop("township_officer")
    phone = walk.as_person("township_officer", phone=True, password=DEMO_PASSWORD)
    for address in main_pages():
        for page in (desk, phone) if address.startswith(AT_THE_DOOR) else (desk,):
            page.goto(address)
            walk.photograph(page, f"{'phone' if page is phone else 'desk'}{address.replace('/', '-')[:24]}")
            faults += faults_of_access(page)
    return faults
