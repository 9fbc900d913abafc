"""Who may do what: the access matrix on one page (design.md §2). A role is held on a node and counts for all below it."""

from dataclasses import dataclass


class Forbidden(Exception):
    """A refused act within scope, for want of a right; the message is the sentence the user reads (403)."""

    is_rule = False  # whether what it says stands in the way of anybody


@dataclass(frozen=True)
class Role:
    """`level` names the kinds of node the role may be held on."""

    code: str
    label: str
    level: tuple[str, ...]
    permissions: frozenset[str]


SEE = frozenset({"see_children", "see_schools", "see_account", "see_cases", "see_reports"})
EXPORT = frozenset({"export_lists"})
BUREAU, TOWNSHIP, SCHOOL = ("bureau",), ("township",), ("school", "teaching_point")


# Verbs that many roles share, by verb: who asks for a correction, who decides on it, who keeps a family's telephone numbers up to date,
# who fills in the unit's own lists
OFFICERS = ("bureau_admin", "dropout_officer", "roll_officer", "aid_officer")
SHARED = {
    "request_change": (*OFFICERS, "township_officer", "principal", "school_clerk", "school_aid_admin"),
    "approve_change": ("bureau_admin", "roll_officer"),
    "fill_lists": ("township_officer", "village_liaison", "school_clerk"),
    "record_contact": (
        *OFFICERS, "township_officer", "group_head", "village_liaison", "principal", "school_clerk", "school_aid_admin", "class_teacher",
        "support_teacher",
    ),
}  # fmt: skip


def _role(code, label, level, *permissions, see=SEE):
    shared = {verb for verb, roles in SHARED.items() if code in roles}
    return Role(code, label, level, frozenset(permissions) | see | shared)


ROLES = (
    _role(
        "bureau_admin",
        "业务管理员",
        BUREAU,
        "import_lists",
        "approve_import",
        "undo_import",
        "decide_match",
        "manage_accounts",
        "watch_runs",
        "see_audit",
        "reveal_numbers",
        "change_units",
        "export_lists",
        "set_parameters",
        "make_reports",
        "keep_calendar",
        "keep_terms",
        "review_standing",
        "freeze_account",
        "set_catchments",
    ),
    _role(
        "bureau_head",
        "分管局领导",
        BUREAU,
        "approve_import",
        "review_removal",
        "decide_other_removal",
        "review_close",
        "approve_roll_change",
        "export_lists",
        "see_audit",
        "receive_absence_report",
        "review_standing",
    ),
    _role("aid_officer", "资助中心", BUREAU, "import_lists", "approve_import", "decide_match", "reveal_numbers", "export_lists"),
    _role(
        "dropout_officer",
        "控辍专干",
        BUREAU,
        "import_lists",
        "approve_import",
        "undo_import",
        "decide_match",
        "open_case",
        "confirm_case",
        "propose_removal",
        "review_removal",
        "assign_case",
        "record_visit",
        "record_return",
        "consolidate_case",
        "review_close",
        "accept_report_bureau",
        "make_reports",
        "reveal_numbers",
        "call_guardian",
        "export_lists",
        "receive_absence_report",
        "keep_calendar",
        "keep_terms",
        "record_standing",
        "review_standing",
        "freeze_account",
        "set_catchments",
        "record_check",
        "report_found",
    ),
    _role(
        "roll_officer",
        "学籍管理员",
        BUREAU,
        "import_lists",
        "approve_import",
        "undo_import",
        "decide_match",
        "reveal_numbers",
        "turn_school_year",
        "change_units",
        "start_roll_change",
        "approve_roll_change",
        "call_guardian",
        "export_lists",
        "record_standing",
        "set_catchments",
    ),
    _role("finance_officer", "财务", BUREAU, "export_lists", see=frozenset({"see_children", "see_schools"})),
    _role("archivist", "档案员", BUREAU, "export_lists"),
    _role("auditor", "督导/审计", BUREAU, "export_lists", "see_audit"),
    _role("system_admin", "系统管理员", BUREAU, "manage_accounts", "watch_runs", "see_audit", see=frozenset()),
    _role(
        "township_officer",
        "乡镇教育专干",
        TOWNSHIP,
        "confirm_case",
        "propose_removal",
        "assign_case",
        "record_visit",
        "record_return",
        "open_case",
        "reveal_numbers",
        "export_lists",
        "receive_absence_report",
        "record_standing",
        "record_check",
        "report_found",
    ),
    _role("township_head", "乡镇分管领导", TOWNSHIP, "propose_close", "export_lists", "receive_absence_report"),
    _role(
        "group_head",
        "中心校校长/教育组长",
        ("education_group",),
        "accept_report_group",
        "tick_paper_report",
        "record_return",
        "consolidate_case",
        "agree_roll_change",
        "export_lists",
        "keep_calendar",
    ),
    _role(
        "village_liaison",
        "村级联络员",
        ("village",),
        "record_visit",
        "record_check",
        "report_found",
        see=frozenset({"see_children", "see_cases"}),
    ),
    _role(
        "principal",
        "校长/园长",
        SCHOOL,
        "sign_report",
        "propose_close",
        "consolidate_case",
        "reveal_numbers",
        "export_lists",
        "keep_calendar",
        "register_arrivals",
        "mark_attendance",
        "agree_roll_change",
    ),
    _role("school_aid_admin", "扶贫(资助)管理员", SCHOOL, "reveal_numbers", "export_lists"),
    _role(
        "school_clerk",
        "填报人",
        SCHOOL,
        "file_report",
        "record_visit",
        "record_return",
        "open_case",
        "consolidate_case",
        "reveal_numbers",
        "start_roll_change",
        "export_lists",
        "keep_calendar",
        "register_arrivals",
        "mark_attendance",
        "record_standing",
        "record_check",
    ),
    _role(
        "class_teacher",
        "班主任",
        ("class",),
        "record_visit",
        "register_arrivals",
        "mark_attendance",
        see=frozenset({"see_children", "see_cases"}),
    ),
    _role("support_teacher", "帮扶教师", ("class", *SCHOOL), "record_visit", see=frozenset({"see_children", "see_cases"})),
)
ROLE = {role.code: role for role in ROLES}
ROLE_CHOICES = [(role.code, role.label) for role in ROLES]
PERMISSIONS = frozenset().union(*(role.permissions for role in ROLES))


def roles_with(permission):
    """Codes of the roles that carry `permission`; KeyError for a permission no role has, so that a typing error cannot close a door
    silently.
    """
    if permission not in PERMISSIONS:
        raise KeyError(f"no role carries the permission {permission!r}")
    return [role.code for role in ROLES if permission in role.permissions]
