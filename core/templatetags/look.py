"""How figures, rates, money, dates and fields look on every page and every sheet of paper.

Money arrives as integer 分 (design.md §5). A missing figure is "—", never 0; a rate keeps its numerator and
denominator until the moment it is printed. Nothing here asks the clock or the database.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import timezone
from django.utils.safestring import mark_safe

from core.actions import sealing

register = template.Library()

MISSING = "—"
HUNDREDTH = Decimal("0.01")
WEEKDAYS = "一二三四五六日"

# The least share of the bar (percent) a part gets, so that one child among 11,785 can still be seen and tapped.
LEAST_SHARE = 2.8
# Width in px of the bar on a desk, a tablet and a phone: what fits is decided here, since CSS cannot measure text.
BAR_WIDTHS = (("d", 940), ("t", 640), ("p", 300))
# Scripts whose width is a full square: CJK and full-width forms begin here.
FULL_WIDTH_FROM = "\u2e80"


@register.simple_tag(takes_context=True)
def same_as_block(context, name):
    """The text of another block of this page: a page writes its title once, for the tab and for the heading."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return block.render(context) if block else ""


@register.simple_tag
def audit_anchor():
    """The audit's newest head, an anchor outside the database on every paper; "" before the first sealing."""
    return sealing.anchor_words()


@register.filter
def figure(value):
    """1234 → "1,234"; None or "" → "—" (the column has no source); text stays as it is."""
    if value is None or value == "":
        return MISSING
    return value if isinstance(value, str) else f"{value:,}"


@register.filter
def rate(numerator, denominator):
    """Share as "99.91%", rounded half up as the bureau's tables are; "—" without a denominator."""
    if numerator is None or not denominator:
        return MISSING
    share = Decimal(numerator) * 100 / Decimal(denominator)
    return f"{share.quantize(HUNDREDTH, ROUND_HALF_UP)}%"


@register.filter
def yuan(fen):
    """Integer 分 → 元 with two decimals and thousands: 31250 → "312.50"."""
    if fen is None or fen == "":
        return MISSING
    return f"{Decimal(fen) / 100:,.2f}"


@register.filter
def wanyuan(fen):
    """Integer 分 → 万元 with as many decimals as the figure has: 43480000 → "43.48"."""
    if fen is None or fen == "":
        return MISSING
    text = f"{Decimal(fen) / 1_000_000:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def cn_date(value):
    """date or aware datetime → "2020年6月4日", in the county's time."""
    day = _local_day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else MISSING


@register.filter
def weekday(value):
    """date → "星期一": families and officers agree on weekdays, not on numbers."""
    day = _local_day(value)
    return f"星期{WEEKDAYS[day.weekday()]}" if day else ""


def _local_day(value):
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def masked(value):
    """All but the first and the last character hidden (design.md §3); two characters keep the first only."""
    text = "" if value is None else str(value)
    if not text:
        return MISSING
    if len(text) <= 2:
        return text[0] + "*" * (len(text) - 1)
    return text[0] + "*" * (len(text) - 2) + text[-1]


@register.simple_tag
def equation(total, parts):
    """The account as a picture: total = Σ parts, with the place of each part on the bar.

    parts: [{label, figure, tone, url, short?}]. Returns {sum, difference, apart (its size), balanced, segments}; a segment
    adds x, width and middle (percent of the bar as text) and `shows`, the classes that say what text fits on which screen.
    """
    figures = [part["figure"] or 0 for part in parts]
    summed = sum(figures)
    widths = _shares(figures)
    segments, left = [], 0.0
    for part, width in zip(parts, widths, strict=True):
        if width:
            segments.append({**part, **_place(left, width), "shows": _shows(part, width)})
        left += width
    difference = summed - (total or 0)
    return {"sum": summed, "difference": difference, "apart": abs(difference), "balanced": summed == total, "segments": segments}


def _shares(figures):
    """Percent of the bar for each figure; small ones are lifted to LEAST_SHARE and the others pay in proportion."""
    summed = sum(figures)
    shares = [100 * number / summed if summed else 0 for number in figures]
    wide = sum(share for share in shares if share > LEAST_SHARE)
    lifted = sum(LEAST_SHARE for share in shares if 0 < share <= LEAST_SHARE)
    scale = (100 - lifted) / wide if wide else 1
    return [0 if not share else share * scale if share > LEAST_SHARE else LEAST_SHARE for share in shares]


def _place(left, width):
    return {"x": f"{left:.3f}%", "width": f"{width:.3f}%", "middle": f"{left + width / 2:.3f}%"}


def _shows(part, width):
    short = part.get("short") or part["label"]
    number = figure(part["figure"])
    classes = []
    for screen, pixels in BAR_WIDTHS:
        room = pixels * width / 100 - 8
        what = "full" if _pixels(f"{short} {number}") <= room else "figure" if _pixels(number) <= room else "none"
        classes.append(f"{screen}-{what}")
    return " ".join(classes)


def _pixels(text):
    return sum(14 if character >= FULL_WIDTH_FROM else 8 for character in text)


@register.simple_tag
def two_level_head(columns):
    """Columns → {two, upper, lower} of a table head: neighbours with the same `group` stand under it, others span both rows.

    columns: dicts or objects with label, and where needed group, numeric, width. upper: [{label, across, down, column}].
    """
    columns = [_as_dict(column) for column in columns]
    upper, lower = [], []
    for column in columns:
        group = column["group"]
        if group:
            lower.append(column)
        if group and upper and upper[-1]["group"] == group:
            upper[-1]["across"] += 1
        else:
            upper.append({"group": group, "label": group or column["label"], "across": 1, "column": column})
    for cell in upper:
        cell["down"] = 1 if cell["group"] or not lower else 2
    return {"two": bool(lower), "upper": upper, "lower": lower}


def _as_dict(column):
    names = ("label", "group", "numeric", "width")
    if isinstance(column, dict):
        return {name: column.get(name, "") for name in names}
    return {name: getattr(column, name, "") for name in names}


@register.filter
def cells(texts):
    """[{text, wraps}] as the cells of a row: fifty children have six hundred, and a loop of the template took as long as all the rest."""
    return mark_safe("".join(f"{CELL[cell['wraps']]}{escape(cell['text'])}</td>" for cell in texts))  # noqa: S308  each text is escaped


@register.filter
def percent_of(done, total):
    """Counted progress as a whole percent, 0 to 100; 0 while the total is not known."""
    return min(100, int(100 * (done or 0) / total)) if total else 0


@register.filter
def is_number(value):
    """True for what stands at the right of its column: whole numbers and decimals, not booleans and not text."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


@register.filter
def is_day(value):
    """True for dates and times, which are shown as 2020年6月4日; text is shown as it came."""
    return isinstance(value, date)


@register.filter
def page_numbers(page):
    """The page numbers to offer, with "…" for the gaps; the same however many pages there are."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


CELL = {True: "<td>", False: '<td class="nowrap">'}
INPUT_CLASSES = {"select": "form-select", "choices": "", "check": "form-check-input", "hidden": ""}


@register.filter
def kind(field):
    """What a bound field is drawn as: choices (pills), check, select, file, textarea, hidden or text."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    input_type = getattr(widget, "input_type", None)
    if input_type == "checkbox" and not getattr(widget, "allow_multiple_selected", False):
        return "check"
    if input_type in ("radio", "checkbox"):
        return "choices"
    if input_type == "select":
        return "select"
    return input_type if input_type == "file" else "textarea" if "textarea" in widget.template_name else "text"


@register.filter
def dressed(field):
    """The bound field's input with the look's classes; Django itself adds aria-describedby and aria-invalid."""
    css = INPUT_CLASSES.get(kind(field), "form-control")
    own = field.field.widget.attrs.get("class", "")
    classes = " ".join(part for part in (own, css, "is-invalid" if field.errors else "") if part)
    return field.as_widget(attrs={"class": classes} if classes else {})


@register.simple_tag
def stylesheet(*names):
    """Our own style sheets as text, for the <style> element of a printed page.

    The renderer of paper has no web server and may not fetch; a page for the browser links its sheets instead.
    """
    return mark_safe("\n".join(_sheet(name) for name in names))  # noqa: S308  our own files, not input


def _sheet(name):
    found = finders.find(name)
    if not found:
        raise template.TemplateSyntaxError(f"样式表 {name} 不在 static 目录中：请检查模板里的文件名。")
    return _read(found) if not settings.DEBUG else Path(found).read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def _read(path):
    return Path(path).read_text(encoding="utf-8")
