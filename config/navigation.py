"""The menu: what this person may open, with the work that waits behind each line."""

from urllib.parse import urlencode, urlsplit

from django.db import InterfaceError, OperationalError
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from config import work
from core.scope import grants_of, has_permission, home_node, role_labels, root

CHILDREN = "students:child_list"
MENU = (
    ("", [("今日待办", "home", ())]),
    ("学生", [
        ("学生台账", CHILDREN, ("see_children",)),
        ("户籍台账", "students:household_list", ("see_children",)),
        ("学校", "students:school_list", ("see_schools",)),
        ("考勤", "students:attendance_day", ("see_children",)),
        ("校历", "students:calendar_list", ("see_schools",)),
        ("报到", "students:arrival_overview", ("see_account", "register_arrivals", "record_visit")),
        ("学籍异动", "students:roll_change_list", ("see_children",)),
        ("学年升级", "students:year_turn_list", ("turn_school_year",)),
        ("撤并、拆分、更名", "students:unit_change_list", ("change_units",)),
        ("小升初未升学", "students:unplaced_list", ("approve_roll_change", "open_case", "agree_roll_change")),
        ("名单导入", "students:snapshot_list", ("import_lists", "approve_import")),
        ("填报名单", "students:filled_list", ("fill_lists",)),
        ("待确认匹配", "students:match_list", ("decide_match",)),
        ("更正申请", "core:change_list", ("request_change",)),
    ]),
    ("控辍保学", [
        ("适龄儿童总账", "students:comparison", ("see_account",)),
        ("逐人去向", "students:status_account", ("see_account",)),
        ("四查", "students:check_list", ("record_check", "see_account")),
        ("学区", "students:catchment_list", ("set_catchments",)),
        ("缺勤报告", "dropout:absence_list", ("see_cases",)),
        ("平台下发核查", "dropout:platform_list", ("see_cases",)),
        ("疑似名单", "dropout:suspect_list", ("see_cases",)),
        ("指标", "dropout:indicator_list", ("see_account",)),
        ("个案台账", "dropout:case_list", ("see_cases",)),
    ]),
    ("报表与档案", [
        ("月报", "archives:report_list", ("see_reports",)),
        ("台账与统计表", "archives:table_list", ("see_account",)),
    ]),
    ("管理", [
        ("账号", "core:account_list", ("manage_accounts",)),
        ("县级参数", "parameter_list", ("set_parameters",)),
        ("没有做完的任务", "core:run_list", ("watch_runs",)),
        ("审计", "core:audit_list", ("see_audit",)),
    ]),
    ("使用说明", [("帮助", "help", ())]),
)  # fmt: skip


def address(name):
    """The URL of a named page, "" while no app has it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _line_of(at):
    """Where a page stands in the menu that does not stand below its own line: a child's page belongs to the ledger of children."""
    return f"{address(CHILDREN)}{at.removeprefix('/')}" if at.startswith("/children/") else at


def context(request):
    """Context processor of base.html. Pages of people who are not signed in, and pages of a house without database, have no menu."""
    user = getattr(request, "user", None)
    try:
        if user is None or not user.is_authenticated or user.must_change_password:
            return {}
        if not hasattr(request, "_menu_context"):  # a table drawn within the page asks again
            request._menu_context = _context(request, user)
        return request._menu_context
    except (OperationalError, InterfaceError):
        return {}


def _context(request, user):
    node = home_node(user)
    county = node if node and node.parent_id is None else root()
    searchable = has_permission(user, "see_children")
    items = work.remembered_summary(user, timezone.localdate()) if grants_of(user) else []
    sections = menu(user, request.path, items or [])
    return {
        "navigation": sections,
        "navigation_url": f"{reverse('menu')}?{urlencode({'at': _active(sections)})}" if items is None else "",
        "unit_name": county.name if county else "",
        "home_url": reverse("home"),
        "sign_out_url": reverse("core:sign_out"),
        "password_url": reverse("core:password_change"),
        "search_url": address("students:child_search") if searchable else "",
        "search_query": request.GET.get("q", "") if searchable else "",
        "signed_in": {
            "role": "、".join(dict.fromkeys(role_labels(user))) or "没有现任角色",
            "name": user.name,
            "organization": node.name if node else "未任职",
        },
    }


def _active(sections):
    """The address of the present line, not of the page: a page that says its own address tells a foreign object from an absent one."""
    return next((line["url"] for section in sections for line in section["items"] if line["active"]), "")


def menu(user, at, items):
    """Sections and lines for the page `at`, with the work `items` as badges.

    Counting the work costs more queries than a page should: a page whose badges are not known sends for them when it has been drawn.
    """
    lines = [(title, label, address(name)) for title, rows in MENU for label, name, wanted in rows if _open(user, name, wanted)]
    lines = [line for line in lines if line[2]]
    at = _line_of(at)
    here = max((url for _, _, url in lines if at == url or (url != "/" and at.startswith(url))), key=len, default="")
    waiting = {url: [] for _, _, url in lines}
    for item in items:
        path = urlsplit(item.url).path
        waiting[max((url for url in waiting if path.startswith(url)), key=len)].append(item)
    waiting["/"] = items
    return [
        {"title": title, "items": [_line(label, url, waiting[url], url == here) for heading, label, url in lines if heading == title]}
        for title in dict.fromkeys(line[0] for line in lines)
    ]


def pages_of(user):
    """{name: address} of the menu's pages that `user` may open."""
    return {name: address(name) for _, rows in MENU for _, name, wanted in rows if _open(user, name, wanted)}


def _open(user, name, wanted):
    return not wanted or any(has_permission(user, permission) for permission in wanted)


def _line(label, url, items, active):
    count = len(items) if url == "/" else sum(item.count for item in items)
    tone = "red" if any(item.tone == "red" for item in items) else "amber"
    return {"label": label, "url": url, "active": active, "badge": count, "tone": tone}
