"""A walk through the product in a real browser: each person has a browser of their own, every page is watched, every station photographed.

A fault is an error on the console (a violation of the content security policy is one), an exception in a script, an answer of 500 or
more, or a page that is wider than the phone that shows it.
"""

import re
from pathlib import Path

from tests import make

PICTURES = Path(__file__).resolve().parents[2] / "var" / "journeys"
DESK = {"viewport": {"width": 1366, "height": 820}}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


class Walk:
    """people sign in once; `as_person` gives the page of the one who acts now."""

    def __init__(self, browser, address, name):
        self.browser, self.address, self.name = browser, address, name
        self.pages, self.faults, self.station = {}, [], 0
        self.folder = PICTURES / name
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.*"):
            old.unlink()

    def as_person(self, username, *, phone=False, password=make.PASSWORD):
        if username not in self.pages:
            screen = PHONE if phone else DESK
            context = self.browser.new_context(base_url=self.address, locale="zh-CN", timezone_id="Asia/Shanghai", **screen)
            page = context.new_page()
            page.set_default_timeout(15_000)
            self._watch(page, username)
            self.pages[username] = page
            self.sign_in(page, username, password)
        return self.pages[username]

    def sign_in(self, page, username, password):
        page.goto("/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{self.address}/")

    def _watch(self, page, who):
        page.on("console", lambda line: line.type == "error" and self.faults.append(f"{who} {page.url}: {line.text}"))
        page.on("pageerror", lambda problem: self.faults.append(f"{who} {page.url}: {problem}"))
        page.on("response", lambda answer: answer.status >= 500 and self.faults.append(f"{who} {answer.url}: {answer.status}"))

    def photograph(self, page, name):
        """A station: its picture in the order of the walk; a phone's page may not be wider than the phone."""
        self.station += 1
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=self.folder / f"{self.station:02d}-{re.sub(r'[^a-z0-9-]', '', name)}.png", full_page=True)
        drawn, shown = page.evaluate(WIDTHS)
        if page.viewport_size["width"] < 500 and drawn > shown:
            self.faults.append(f"{page.url}: {drawn} px wide on a phone of {shown} px")

    def press(self, page, name, *, exact=True):
        """Click the button or link of that name and wait for the page that follows."""
        found = page.get_by_role("button", name=name, exact=exact).or_(page.get_by_role("link", name=name, exact=exact))
        with page.expect_navigation():
            found.first.click()

    def confirm(self, page, name):
        """An act that asks once more: open the question, then say yes."""
        box = page.locator("details.confirm", has=page.locator("summary", has_text=name))
        box.locator("summary").click()
        with page.expect_navigation():
            box.locator("form button").click()

    def download(self, page, link):
        """The file behind a link, kept beside the pictures under its own name."""
        with page.expect_download() as coming:
            link.click()
        path = self.folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    def sound(self):
        assert not self.faults, "\n".join(self.faults)
