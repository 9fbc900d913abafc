"""A browser for the journeys, and the lists they import."""

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.county import sample_or_made
from tests.journeys.walk import Walk

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(autouse=True)
def rows_beside_the_browser(monkeypatch):
    """The browser's driver keeps an event loop in this thread, which makes Django refuse the database; here it is no server's loop."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def browser(rows_beside_the_browser):
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--lang=zh-CN"])
        yield opened
        opened.close()


@pytest.fixture
def walk(browser, live_server, request):
    """Begins a walk; after the test every page that was seen has to have been sound."""
    return Walk(browser, live_server.url, request.node.name.removeprefix("test_"))


@pytest.fixture(scope="session")
def county(tmp_path_factory):
    return sample_or_made(tmp_path_factory.mktemp("county"))
