"""A person who waits sees counted steps, and the end, without touching the page."""

import re

import pytest
from playwright.sync_api import sync_playwright

from tests import make
from tests.journeys.conftest import CHROMIUM
from tests.proof.begun import Chores
from tests.proof.stores import Service
from tests.proof.visitor import county_at_work

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def patient_worker(stores):
    worker = Service(stores, "worker", PROOF_TIME_LIMIT="60").start()
    yield worker
    worker.kill()


def test_progress_is_seen_without_reload(web, patient_worker, tally, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's loop runs in this thread
    world, _cases = county_at_work(0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(base_url=web.address)
        page.goto("/sign-in/")
        page.fill("[name=username]", "bureau")
        page.fill("[name=password]", make.PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{web.address}/")
        run = Chores.begin("steps", 1, by=world.bureau).runs[0]
        page.goto(f"/runs/{run.public_id}/")
        loads = []
        page.on("load", lambda: loads.append(page.url))
        seen = [page.inner_text("#progress")]
        while "做完了" not in seen[-1] and len(seen) < 400:
            page.wait_for_timeout(100)
            text = page.inner_text("#progress")
            seen += [text] if text != seen[-1] else []
        browser.close()
    figures = sorted({int(found[1]) for text in seen if (found := re.search(r"(\d+) / 20", text))})
    wrong = (len(figures) < 3) + ("做完了" not in seen[-1]) + (len(loads) > 1)
    tally(
        "jobs",
        "looks at a page that waits",
        len(seen),
        wrong,
        f"steps seen {figures}, then the sentence; the page was never reloaded by hand",
    )
