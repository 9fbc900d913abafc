import io
import subprocess

import pytest
from pypdf import PdfReader

from core import documents
from core.documents import DocumentHeldBack

STYLE = f"@page {{ size: A4; margin: 2cm }} body {{ font-family: {documents.font_family('song')} }}"
UNASSIGNED = "\U0003fffd"
DOT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def here(body, *styles):
    return documents.render_pdf_here(f"<html><body>{body}</body></html>", title="劝返记录", stylesheets=[STYLE, *styles])


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def test_a_page_is_rendered_in_a_child_with_its_title_and_rare_characters():
    pdf = documents.render_pdf("<html><body><p>䶮𬭎㛃 已返校</p></body></html>", title="劝返记录", stylesheets=[STYLE])
    assert read(pdf).metadata.title == "劝返记录"
    text = read(pdf).pages[0].extract_text()
    assert "䶮𬭎㛃" in text
    assert "已返校" in text


def test_inline_pictures_are_drawn():
    assert len(read(here(f'<img src="{DOT}" style="width:2cm">')).pages[0].images) == 1


@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://192.0.2.1/x.png">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="http://192.0.2.1/x.css">',
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
        '<img src="/static/logo.png">',
        '<img src="data:text/html,x">',
        '<p style="background:url(file:///etc/passwd)">x</p>',
        "<style>@font-face{font-family:x;src:url(file:///x.ttf)} p{font-family:x}</style><p>x</p>",
    ],
)
def test_a_page_that_asks_for_anything_outside_is_held_back(body):
    with pytest.raises(DocumentHeldBack, match="外部内容") as refusal:
        here(body)
    assert refusal.value.blocked


def test_a_picture_that_cannot_be_drawn_holds_the_page_back():
    with pytest.raises(DocumentHeldBack, match="有内容排不出来"):
        here('<img src="data:image/png;base64,AAAA">')


def test_a_broken_link_inside_the_page_does_not(caplog):
    assert len(read(here('<p><a href="#nowhere">x</a></p>')).pages) == 1
    assert [record.levelname for record in caplog.records if "nowhere" in record.getMessage()] == ["WARNING"]


def test_so_is_a_style_that_does():
    with pytest.raises(DocumentHeldBack, match="外部内容"):
        here("<p>x</p>", "@import url(http://192.0.2.1/x.css);")


def test_the_child_passes_the_reason_on():
    with pytest.raises(DocumentHeldBack, match="外部内容") as refusal:
        documents.render_pdf('<html><body><img src="file:///etc/passwd"></body></html>', title="月报", stylesheets=[])
    assert refusal.value.blocked == ("file:///etc/passwd",)
    assert "《月报》" in str(refusal.value)


def test_a_character_without_glyph_holds_the_document_back_and_is_named():
    with pytest.raises(DocumentHeldBack, match=r"U\+3FFFD") as refusal:
        here(f"<p>王{UNASSIGNED}小</p>")
    assert refusal.value.characters == (UNASSIGNED,)


def test_every_rare_character_of_the_list_can_be_drawn():
    assert documents.missing_glyphs("喆玥堃彧赟𬭎㛃䶮𫖯𪟝𬍛𬀩𬴊𬶍𰻝龴㐂𨱏𨭉𱅒") == set()
    assert documents.missing_glyphs(f"王\n\t\u3000\ufe00\u200b{UNASSIGNED}") == {UNASSIGNED}


def test_only_what_is_seen_is_checked():
    head = f"<head><title>{UNASSIGNED}</title><style>/*{UNASSIGNED}*/</style></head>"
    page = f"<html>{head}<body>&#x4DAE;<script>{UNASSIGNED}</script>好</body></html>"
    assert documents.visible_words(page) == ["䶮", "好"]


PRIVATE = "\ue815"  # what a county's own character program once stood for 䶮


@pytest.mark.parametrize("name", ["王小明", "王㛃", "李䶮", "赵𬭎", "买买提·艾力", "𬭎䶮㛃"])
def test_a_name_is_drawn_with_each_of_its_characters(name):
    assert documents.missing_glyphs(name) == set()
    assert name in read(here(f"<p>{name}</p>")).pages[0].extract_text()


@pytest.mark.parametrize("character", [PRIVATE, "\uf000", "\U000f1234", "\U00100000"])
def test_a_private_use_character_is_never_printed_and_its_name_is_listed(character):
    """Our fonts hold signs of their own at such places: the paper would carry another name and no box."""
    page = f"<table><tr><td>王小明</td><td>李{character}</td></tr><tr><td>赵𬭎</td></tr></table>"
    with pytest.raises(DocumentHeldBack, match="自造字") as refusal:
        here(page)
    assert refusal.value.characters == (character,)
    assert refusal.value.words == (f"李{character}",)
    assert f"“李{character}”的{character}（U+{ord(character):04X}）" in str(refusal.value)
    assert "王小明" not in str(refusal.value)


def test_some_font_would_have_drawn_a_private_use_character():
    """The control of the test above: without the rule it would have passed silently for at least one of them."""
    assert any(ord(character) in documents.drawable() for character in map(chr, range(0xE000, 0xF900)))


def test_each_name_with_a_missing_character_is_listed_once():
    with pytest.raises(DocumentHeldBack) as refusal:
        here(f"<p>王{UNASSIGNED}小 李四</p><p>王{UNASSIGNED}小</p><p>赵{UNASSIGNED}</p>")
    assert refusal.value.words == (f"王{UNASSIGNED}小", f"赵{UNASSIGNED}")
    assert "自造字" not in str(refusal.value)


def test_a_machine_without_fonts_says_so(monkeypatch):
    monkeypatch.setattr(documents, "_font_files", lambda: set())
    with pytest.raises(DocumentHeldBack, match="没有中文字体"):
        documents.drawable.__wrapped__()


def test_parts_are_joined_in_order():
    joined = read(documents.join_pdfs([here("<p>第一部分</p>"), here("<p>第二部分</p><p style='break-before:page'>第三部分</p>")]))
    assert len(joined.pages) == 3
    assert ["第一部分" in joined.pages[0].extract_text(), "第三部分" in joined.pages[2].extract_text()] == [True, True]


def test_a_page_that_never_ends_is_stopped(monkeypatch):
    def never(*args, timeout, **options):
        raise subprocess.TimeoutExpired(args, timeout)

    documents.drawable()
    monkeypatch.setattr(documents.subprocess, "run", never)
    with pytest.raises(DocumentHeldBack, match="超过 60 秒"):
        documents.render_pdf("<p>x</p>", title="月报", stylesheets=[])


def test_a_child_that_dies_is_reported(monkeypatch):
    documents.drawable()
    died = subprocess.CompletedProcess([], -9, b"", b"killed")
    monkeypatch.setattr(documents.subprocess, "run", lambda *args, **options: died)
    with pytest.raises(DocumentHeldBack, match="退出码 -9"):
        documents.render_pdf("<p>x</p>", title="月报", stylesheets=[])


def test_the_child_does_not_see_our_secrets(monkeypatch):
    monkeypatch.setenv("NOL_FIELD_KEYS", "secret")
    assert "NOL_FIELD_KEYS" not in documents._bare_environment()
