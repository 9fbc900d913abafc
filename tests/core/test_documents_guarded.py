"""Paper that reaches for something: a listener sees no hit. Paper to be kept: what PDF/A asks of its structure. Names in rare scripts."""

import io
import re
import socket
import threading

import pytest
from pypdf import PdfReader

from core import documents
from core.documents import DocumentHeldBack

STYLE = f"@page {{ size: A4; margin: 2cm }} body {{ font-family: {documents.font_family('song')} }}"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">[]</svg>'
BODIES = (
    '<img src="{}">', '<img srcset="{} 1x" src="{}">', '<object data="{}"></object>', '<embed src="{}">', '<iframe src="{}"></iframe>',
    '<input type="image" src="{}">', '<video poster="{}" src="{}"></video>', '<audio src="{}"></audio>',
    '<link rel="attachment" href="{}">',
    '<link rel="stylesheet" href="{}">', '<link rel="icon" href="{}">', '<link rel="preload" as="font" href="{}">',
    '<a rel="attachment" href="{}">x</a>', '<base href="{}"><img src="x.png">', '<meta http-equiv="refresh" content="0;url={}">',
    '<table background="{}"><tr><td>x</td></tr></table>', '<script src="{}"></script>', '<p style="background:url({})">x</p>',
    '<p style="background:image-set(\'{}\' 1x)">x</p>', '<ul><li style="list-style-image:url({})">x</li></ul>',
    '<p style="border-image:url({}) 3">x</p>', '<p style="mask-image:url({})">x</p>', '<style>p::before{{content:url({})}}</style><p>x</p>',
    '<style>@import "{}";</style><p>x</p>', '<style>@font-face{{font-family:f;src:url({})}} p{{font-family:f}}</style><p>x</p>',
    '<style>@page{{background:url({})}}</style><p>x</p>', '<style>@namespace url({});</style><p>x</p>',
    *[SVG.replace("[]", inside) for inside in (
        '<image href="{}" width="9" height="9"/>', '<image xlink:href="{}" width="9" height="9"/>', '<use href="{}#a"/>',
        '<style>@import url({});</style>', '<rect width="9" height="9" style="fill:url({}#g)"/>',
        '<filter id="f"><feImage href="{}"/></filter>',
        '<foreignObject><img src="{}"/></foreignObject>',
    )],
)  # fmt: skip


class Listener:
    """Counts who knocks, and answers nobody."""

    def __init__(self):
        self.knocks, self.door = 0, socket.create_server(("127.0.0.1", 0))
        self.door.settimeout(0.2)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while not self.over.is_set():
            try:
                visitor, _ = self.door.accept()
            except TimeoutError:
                continue
            self.knocks += 1
            visitor.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            visitor.close()

    def address(self, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.door.getsockname()[1]}/secret.png"

    def close(self):
        self.over.set()
        self.thread.join()
        self.door.close()


@pytest.fixture
def listener():
    heard = Listener()
    yield heard
    heard.close()


def drawn(body, style=STYLE, **named):
    """The PDF, or None where it was held back."""
    try:
        return documents.render_pdf_here(f"<html><body>{body}</body></html>", title="月报", stylesheets=[style], **named)
    except DocumentHeldBack:
        return None


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "file"])
def test_nothing_is_fetched(listener, scheme, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"SECRET-OF-THE-SERVER")
    address = secret.as_uri() if scheme == "file" else listener.address(scheme)
    for body in BODIES:
        pdf = drawn(body.replace("{}", address).replace("{{", "{").replace("}}", "}"))
        assert pdf is None or b"SECRET-OF-THE-SERVER" not in pdf, body
        assert pdf is None or not attached(pdf), body
    assert listener.knocks == 0


def attached(pdf):
    """Files that a PDF carries."""
    return list(PdfReader(io.BytesIO(pdf)).attachments)


def test_without_the_guard_the_listener_hears(listener, monkeypatch):
    """The negative control: WeasyPrint's own fetcher knocks."""
    from weasyprint.urls import URLFetcher

    def own():
        fetcher = URLFetcher()
        fetcher.blocked = []
        return fetcher

    monkeypatch.setattr(documents, "_no_fetch", own)
    for body in BODIES[:4]:
        drawn(body.replace("{}", listener.address()))
    assert listener.knocks > 0


class TestKeptForGood:
    @pytest.fixture
    def kept(self):
        pdf = documents.render_pdf(
            '<html lang="zh"><body><h1>月报</h1><p>䶮𬭎㛃 已返校</p></body></html>', title="月报", stylesheets=[STYLE], archival=True
        )
        return PdfReader(io.BytesIO(pdf))

    def test_says_what_it_is(self, kept):
        about = kept.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
        assert re.search(r"pdfaid:part(?:>|=\")3", about)
        assert re.search(r"pdfaid:conformance(?:>|=\")U", about)
        assert kept.metadata.title == "月报"

    def test_names_its_colours(self, kept):
        (intent,) = kept.trailer["/Root"]["/OutputIntents"]
        assert intent.get_object()["/S"] == "/GTS_PDFA1"
        assert intent.get_object()["/DestOutputProfile"].get_object().get_data()[36:40] == b"acsp"

    def test_carries_every_font_with_its_text(self, kept):
        fonts = [font.get_object() for page in kept.pages for font in page["/Resources"]["/Font"].values()]
        assert fonts
        for font in fonts:
            below = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            described = below["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described)
            assert "/ToUnicode" in font
        assert "䶮𬭎㛃" in kept.pages[0].extract_text()

    def test_holds_nothing_that_acts(self, kept):
        assert not kept.is_encrypted
        assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(kept.trailer["/Root"])
        assert kept.trailer["/ID"]

    def test_an_ordinary_one_does_not_claim_it(self):
        """The negative control."""
        root = PdfReader(io.BytesIO(drawn("<p>月报</p>"))).trailer["/Root"]
        assert "/OutputIntents" not in root


NAMES = {
    "second plane": "王𠮷𡨴", "third plane": "李𰻝𱅒", "Tibetan": "ཚེ་རིང་", "Uyghur": "ئايگۈل", "Mongolian": "ᠮᠣᠩᠭᠣᠯ", "Korean": "김영희",
    "Yi": "ꆈꌠ",
    "Latin with marks": "Nüǎn Đặng", "marks that combine": "a\u0301\u0323e\u0302", "Kazakh": "Айгүл Қазақ", "dots": "阿依·古丽",
    "middle dot": "买买提‧艾力", "Dai": "ᦷᦺᦑ",
    "Zhuang": "Vaŋƨ", "Lisu": "ꓡꓲ‐ꓢꓴ", "old Han": "㐀䶵", "compatibility": "﨑神", "variants": "葛\U000e0100", "kana": "ジャック",
    "emoji": "小明😀", "unassigned": "王\U0003fffd",
    "private": "王\ue000", "tag": "王\U000e0041", "half-width": "ﾊﾟ",
}  # fmt: skip


@pytest.mark.parametrize("script", NAMES)
def test_every_character_of_a_name_is_drawn_or_the_paper_is_held_back(script):
    """What is drawn stands in the PDF as it was written and no glyph of it is the empty one."""
    name = NAMES[script]
    page, missing = f"<html><body><p>{name}</p></body></html>", documents.missing_glyphs(name)
    if missing:
        with pytest.raises(DocumentHeldBack) as refusal:
            documents.render_pdf_here(page, title="劝返记录", stylesheets=[STYLE])
        assert set(refusal.value.characters) == missing
        assert all(f"U+{ord(one):04X}" in str(refusal.value) for one in missing)
        return
    pdf = documents.render_pdf_here(page, title="劝返记录", stylesheets=[STYLE])
    assert not empty_glyphs(PdfReader(io.BytesIO(pdf)).pages[0]), f"{name}: a glyph that draws nothing"


def empty_glyphs(page):
    """Whether the page shows glyph 0 of a font, the box, or the number that stands for none."""
    shown = re.findall(rb"<([0-9a-fA-F]+)>", page.get_contents().get_data())
    return any({"0000", "ffff"} & set(re.findall("....", text.decode().lower())) for text in shown)


def test_a_box_would_be_seen(monkeypatch):
    """The negative control: without the check before it, a character without glyph is drawn as a box."""
    monkeypatch.setattr(documents, "check_glyphs", lambda html, title: None)
    pdf = drawn("<p>\U0003fffd\U00012000</p>")
    assert pdf is None or empty_glyphs(PdfReader(io.BytesIO(pdf)).pages[0])
