"""Two hundred invented values that must not be found, and the ways in which something could still contain them."""

import base64
import json
import random
from dataclasses import dataclass
from urllib.parse import quote

from django.contrib.sessions.models import Session
from django.db import connection

SEED = 20200304
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RARE = "嵘岫峣崤巅彧悫戬抟挹捺掾揆摭敉旌晁晖暹朐枞柘栎梓棹椋楂榉槭檀歆沅泐洹浃涞淙渌湫溱滹漪潋澧瀣炜烜焓煜熠爻牮犸狷猃玢珏琬瑗璁畲畹癸皑眄睢砭碇磬祜禧稷窀竑筇箴篁簋籼粢绫缦罡翊聿胪舳艮芪茳莶菡葳蒺蓼蕙薮虬蚬蛏蜊螅"


@dataclass(frozen=True)
class Canary:
    """`sealed`: encrypted wherever the database keeps it; else it may stand in clear in the columns of its own paper, and nowhere else."""

    kind: str
    text: str
    sealed: bool = True

    def forms(self):
        """{how written: bytes}: as it is, reversed, in other encodings and escapes, hex and base64 at each of the three offsets."""
        text, told = self.text, self.text.encode()
        gbk = text.encode("gb18030")
        found = {
            "plain": told, "reversed": text[::-1].encode(), "gbk": gbk, "utf-16": text.encode("utf-16-le"),
            "json": json.dumps(text)[1:-1].encode(), "percent": quote(text).encode(), "percent gbk": quote(gbk).encode(),
            "hex": told.hex().encode(), "HEX": told.hex().upper().encode(), "hex gbk": gbk.hex().encode(),
        }  # fmt: skip
        for offset in range(3):
            body = base64.b64encode(b"\0" * offset + told)
            found[f"base64+{offset}"] = body[4 if offset else 0 : -4]
        return found


def identity(pick):
    digits = f"990101{pick.randint(2007, 2014)}{pick.randint(1, 12):02}{pick.randint(1, 28):02}{pick.randint(0, 999):03}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def two_hundred():
    """{kind: [Canary, …]}: 60 identity numbers, 50 telephones, 30 bank accounts, 40 addresses, 20 sentences about health or a visit."""
    pick = random.Random(SEED)
    numbers = {
        "identity": [identity(pick) for _ in range(60)],
        "phone": [f"1{pick.choice('3578')}{pick.randrange(10**9):09}" for _ in range(50)],
        "bank": [f"6222{pick.randrange(10**15):015}" for _ in range(30)],
    }
    words = ["".join(pick.sample(RARE, 5)) for _ in range(60)]
    texts = {"address": [f"{word}巷{pick.randint(100, 999)}号" for word in words[:40]], "note": [f"{word}之疾" for word in words[40:]]}
    made = {kind: [Canary(kind, text, kind != "note") for text in values] for kind, values in (numbers | texts).items()}
    assert len({canary.text for kind in made.values() for canary in kind}) == 200
    return made


class Net:
    """Searches places for every form of every canary."""

    def __init__(self, canaries):
        self.wanted = [(canary, form, said) for canary in canaries for form, said in canary.forms().items()]
        self.tables = {}

    def hits(self, place, content, *, but=()):
        """[(place, kind, form)]; `but`: canaries that may be there."""
        content = content.encode() if isinstance(content, str) else bytes(content)
        return [(place, canary.kind, form, canary.text) for canary, form, said in self.wanted if canary not in but and said in content]

    def in_folder(self, folder):
        return [hit for path in sorted(folder.rglob("*")) if path.is_file() for hit in self.hits(path.name, path.read_bytes())]

    def in_redis(self, client):
        read = {"string": lambda key: [client.get(key)], "list": lambda key: client.lrange(key, 0, -1), "set": client.smembers,
                "hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
                "zset": lambda key: client.zrange(key, 0, -1)}  # fmt: skip
        found = []
        for key in client.scan_iter():
            for value in (key, *read[client.type(key).decode()](key)):
                found += self.hits(f"redis {key.decode()}", value) + self.hits(f"redis {key.decode()} body", _opened(value))
        return found

    def in_sessions(self):
        return [hit for row in Session.objects.all() for hit in self.hits("session", json.dumps(row.get_decoded(), ensure_ascii=False))]

    def in_tables(self, allowed):
        """Every row of every table as text, as a dump has it; `allowed`: tables in whose own columns the sentences stand."""
        found = []
        with connection.cursor() as cursor:
            cursor.execute("select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")
            for (table,) in cursor.fetchall():
                cursor.execute(f'select t::text from "{table}" t')
                content = "\n".join(text for (text,) in cursor.fetchall())
                hits = self.hits(table, content)
                found += [hit for hit in hits if not (table in allowed and hit[1] == "note")]
        return found


def _opened(value):
    """The body of a message of the queue, which lies in base64 inside JSON."""
    try:
        return base64.b64decode(json.loads(value)["body"])
    except (ValueError, KeyError, TypeError):
        return b""
