"""A person at the web under proof: signs in, reads, writes; every answer with its status and seconds."""

import http.cookiejar
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from core.models import User
from dropout.models import Visit
from tests import make
from tests.dropout import world as case_world

NOBODY = 0  # no answer at all
LIAISON = "liaison"


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    seconds: float
    place: str = ""


class _Still(urllib.request.HTTPRedirectHandler):
    """Not followed: a 302 is the acknowledgement."""

    def redirect_request(self, *_request):
        return None


class Visitor:
    def __init__(self, address):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(_Still, urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, path, body=None, headers=(), patience=40):
        request = urllib.request.Request(self.address + path, body, dict(headers))  # noqa: S310  our own address
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=patience) as answer:
                found = answer.status, answer.read().decode(), ""
        except urllib.error.HTTPError as answer:
            found = answer.code, answer.read().decode(), answer.headers.get("Location", "")
        except OSError as refused:
            found = NOBODY, str(refused), ""
        return Answer(found[0], found[1], time.monotonic() - began, found[2])

    def token(self):
        return next((cookie.value for cookie in self.cookies if cookie.name.endswith("csrf")), "")

    def post(self, path, **fields):
        return self.ask(path, urlencode({**fields, "csrfmiddlewaretoken": self.token()}, doseq=True).encode())

    def upload(self, path, name, content, field="file", **fields):
        """Send a file as browsers do: what would end its name early is written as %22, %0D and %0A."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**fields, "csrfmiddlewaretoken": self.token()}.items()
        ]
        name = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{mark}--\r\n".encode()])
        return self.ask(path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def sign_in(self, username):
        page = self.ask("/sign-in/")
        if page.status != 200:
            return page
        return self.post("/sign-in/", username=username, password=make.PASSWORD)

    def visit(self, case, mark):
        """A visit at a family's home, entered; `mark` finds it again."""
        return self.post(
            f"/cases/{case.public_id}/visit/",
            met="father", mode="home", reply="hesitant", notes=mark, happened_on="2020-03-13", officers="王四、赵五",
        )  # fmt: skip


def county_at_work(count):
    """(the people and units, `count` cases that wait for a visit)."""
    world = case_world.make_world()
    cases = []
    for number in range(count):
        world.child = case_world.make_child(f"甲{number}", world.nodes.village, world.nodes.school)
        cases.append(case_world.persuading(world))
    for user in User.objects.all():
        user.set_password(make.PASSWORD)
        user.save(update_fields=["password"])
    return world, cases


def kept(mark):
    return Visit.objects.filter(notes=mark).count()
