"""HTML to PDF, behind walls; the only module that knows WeasyPrint (reliability.md §5.5, threat T16).

Nothing is fetched: not from the network, not from the disk. Pictures come as data: URIs, styles as text. A document that asked for
anything else was tampered with, or has a fault in its template, and is held back. So is one with a character no font can draw: a
child's name must not turn into a box. Rendering runs in a child with limits (`python -m core.documents`); a worker that is already such a
child may call `render_pdf_here`. Tables beyond some 500 rows are rendered in parts and joined.
"""

import io
import json
import logging
import os
import resource
import subprocess
import sys
import unicodedata
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRINT_STYLES = ROOT / "static" / "css" / "print.css"
WALL_SECONDS, CPU_SECONDS, MEMORY_BYTES = 60, 60, 2 << 30
PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/svg+xml;", "data:image/svg+xml,")
HELD_BACK = 3
ARCHIVAL = "pdf/a-3u"

# The office's own licensed fonts first; behind them free ones that draw every character tried (ecosystem.md §3), rarest last
FONT_FAMILIES = {
    "fangsong": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "Noto Serif CJK SC", "BabelStone Han"),
    "song": ("SimSun", "宋体", "Noto Serif CJK SC", "BabelStone Han"),
    "hei": ("SimHei", "黑体", "Noto Sans CJK SC", "BabelStone Han"),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "LXGW WenKai", "BabelStone Han"),
}
INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")


class DocumentHeldBack(Exception):
    """No PDF is given out; the message is a sentence. `characters` lists what could not be drawn, `words` the names they
    stand in, `blocked` what was asked for."""

    def __init__(self, sentence, *, characters=(), words=(), blocked=()):
        super().__init__(sentence)
        self.characters, self.words, self.blocked = tuple(characters), tuple(words), tuple(blocked)


def font_family(kind):
    """Value of a CSS font-family: fangsong, song, hei or kai."""
    return ", ".join(f'"{name}"' for name in FONT_FAMILIES[kind])


def render_pdf(html, *, title, stylesheets=None, archival=False):
    """PDF of a whole HTML page. stylesheets are CSS texts; without them static/css/print.css. `archival`: one to be kept for good, as
    PDF/A-3u (GB/T 23286.1): fonts inside, colours named, text that can be read out. Raises DocumentHeldBack."""
    check_glyphs(html, title)
    order = json.dumps({"html": html, "title": title, "stylesheets": _styles(stylesheets), "archival": archival})
    try:
        child = subprocess.run(
            [sys.executable, "-m", "core.documents"],
            input=order.encode(), capture_output=True, timeout=WALL_SECONDS, check=False, cwd=ROOT, env=_bare_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise DocumentHeldBack(f"《{title}》排版超过 {WALL_SECONDS} 秒，已停止。请缩小范围，分几份打印。") from error
    if child.returncode == 0:
        return child.stdout
    if child.returncode == HELD_BACK:
        answer = json.loads(child.stdout)
        raise DocumentHeldBack(answer["sentence"], blocked=answer["blocked"])
    raise DocumentHeldBack(
        f"《{title}》没有排出来（退出码 {child.returncode}），可能是内容太多。请分几份打印；若仍不行，请把这句话告诉系统管理员。"
    ) from RuntimeError(child.stderr.decode(errors="replace")[-2000:])


def render_pdf_here(html, *, title, stylesheets=None, archival=False):
    """The same in this process: only for a child that already has limits."""
    check_glyphs(html, title)
    return _render(html, title, _styles(stylesheets), archival)


def join_pdfs(parts):
    """One PDF of many, in order; fonts and pictures they share are kept once."""
    from pypdf import PdfWriter

    with PdfWriter() as writer:
        for part in parts:
            writer.append(io.BytesIO(part))
        writer.compress_identical_objects()
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()


def check_glyphs(html, title):
    """Raises DocumentHeldBack when the page shows a character that no font of ours can draw; the names it stands in are listed."""
    words = visible_words(html)
    missing = sorted(missing_glyphs("".join(words)))
    if not missing:
        return
    found = {character: [word for word in words if character in word] for character in missing}
    listed = "、".join(f"“{_around(character, found[character][0])}”的{character}（U+{ord(character):04X}）" for character in missing)
    raise DocumentHeldBack(
        f"《{title}》里有打印不出来的字：{listed}。请核对这个字是否录错；确为生僻字的，请系统管理员装上含有它的字体后再打印。"
        + ("其中有自造字（造字程序里的字，别的电脑不认识），请改成国家标准里的字。" if any(map(_is_private, missing)) else ""),
        characters=missing,
        words=dict.fromkeys(word for words in found.values() for word in words),
    )


def missing_glyphs(text):
    """The characters of a text that none of the installed fonts of FONT_FAMILIES has a glyph for. A private-use character is always
    missing: what a font of ours draws for it is somebody else's sign."""
    return {
        character
        for character in set(text)
        if _is_private(character) or (ord(character) not in drawable() and not _is_invisible(character))
    }


def _is_private(character):
    return unicodedata.category(character) == "Co"


def _around(character, word, reach=6):
    """The name a character stands in, or as much of a longer text as tells where it is."""
    place = word.index(character)
    return word[max(0, place - reach) : place + reach + 1]


def _is_invisible(character):
    code = ord(character)
    selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    return selector or unicodedata.category(character) in INVISIBLE


@lru_cache(maxsize=1)
def drawable():
    """Code points our installed fonts can draw. Read once a process: new fonts count after a restart."""
    from fontTools.ttLib import TTFont

    codes = set()
    for file, index in _font_files():
        with TTFont(file, fontNumber=index, lazy=True) as font:
            codes.update(font.getBestCmap() or ())
    if not codes:
        raise DocumentHeldBack("这台机器上没有中文字体，不能打印。请系统管理员安装 fonts-noto-cjk 和 fonts-babelstone-han。")
    return frozenset(codes)


def _font_files():
    """(file, number inside it) of one face of each wanted family, as fontconfig knows them."""
    wanted = {name for names in FONT_FAMILIES.values() for name in names}
    listing = subprocess.run(
        ["fc-list", "--format", "%{family}|%{file}|%{index}\n"], capture_output=True, text=True, encoding="utf-8", check=True, timeout=30
    )
    faces = {}
    for line in sorted(listing.stdout.splitlines(), key=lambda entry: "Regular" not in entry):
        families, file, index = line.rsplit("|", 2)
        for family in wanted.intersection(families.split(",")):
            faces.setdefault(family, (file, int(index) & 0xFFFF))  # the high half numbers named instances of variable fonts
    return set(faces.values())


class _VisibleText(HTMLParser):
    HIDDEN = ("style", "script", "title", "template")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.pieces, self.depth = [], 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag in self.HIDDEN

    def handle_endtag(self, tag):
        self.depth -= tag in self.HIDDEN and self.depth > 0

    def handle_data(self, data):
        if not self.depth:
            self.pieces.append(data)


def visible_words(html):
    """The words of a page, as spaces and tags part them, without its styles and scripts."""
    parser = _VisibleText()
    parser.feed(html)
    parser.close()
    return [word for piece in parser.pieces for word in piece.split()]


def _styles(stylesheets):
    return list(stylesheets) if stylesheets is not None else [PRINT_STYLES.read_text(encoding="utf-8")]


def _bare_environment():
    """Fontconfig needs HOME for its cache; our keys and passwords stay out."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME")
    return {key: os.environ[key] for key in kept if key in os.environ} | {"PYTHONUTF8": "1"}


def _no_fetch():
    """A fetcher that lets through our inline pictures and remembers everything else it was asked for.

    The memory matters more than the refusal: inside an inline <svg> WeasyPrint swallows the exception and finishes the page.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class NoFetch(URLFetcher):
        blocked = ()

        def fetch(self, url, headers=None):
            if url.startswith(PICTURES):
                return super().fetch(url, headers)
            self.blocked += (url[:200],)
            raise FatalURLFetchingError(f"blocked: {url[:200]}")

    return NoFetch(allowed_protocols={"data"}, allow_redirects=False)


class _Losses(logging.Filter):
    """Collects what WeasyPrint only logs as an error and leaves out of the page: pictures with a relative address (which never reach
    the fetcher), broken pictures, styles it could not read. A broken link inside the page loses nothing that is printed: a warning."""

    def __init__(self):
        super().__init__()
        self.found = []

    def filter(self, record):
        message = record.getMessage()
        if message.startswith("No anchor"):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if record.levelno < logging.ERROR:
            return True
        self.found.append(message[:200])
        return False


def _render(html, title, stylesheets, archival=False):
    from weasyprint import CSS, HTML
    from weasyprint.logger import LOGGER
    from weasyprint.urls import FatalURLFetchingError

    fetcher, losses, pdf = _no_fetch(), _Losses(), b""
    LOGGER.addFilter(losses)
    try:
        styles = [CSS(string=style, url_fetcher=fetcher) for style in stylesheets]
        document = HTML(string=html, url_fetcher=fetcher).render(stylesheets=styles)
        document.metadata.title = title
        pdf = document.write_pdf(pdf_variant=ARCHIVAL if archival else None)
    except FatalURLFetchingError:
        pass  # the fetcher remembers; judged below, together with what was swallowed
    finally:
        LOGGER.removeFilter(losses)
    blocked = [*fetcher.blocked, *(loss for loss in losses.found if "Relative URI" in loss)]
    if blocked:
        raise DocumentHeldBack(f"《{title}》要取外部内容（{blocked[0]}），已扣下不给出。请把这句话告诉系统管理员。", blocked=blocked)
    if losses.found:
        raise DocumentHeldBack(f"《{title}》有内容排不出来（{losses.found[0]}），已扣下不给出。请把这句话告诉系统管理员。")
    return pdf


def main():
    """The child: its order on stdin, a PDF on stdout, or exit code 3 and the reason as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.load(sys.stdin)
    try:
        sys.stdout.buffer.write(_render(order["html"], order["title"], order["stylesheets"], order["archival"]))
    except DocumentHeldBack as refusal:
        json.dump({"sentence": str(refusal), "blocked": refusal.blocked}, sys.stdout, ensure_ascii=False)
        sys.exit(HELD_BACK)


if __name__ == "__main__":
    main()
