"""Scope: one tree, one array, one question (design.md §2)."""

from django.http import Http404
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from core.models import Organization, OrganizationUserObjectPermission, RoleGrant
from core.models.compiled import Compiled
from core.roles import ROLE, Forbidden, roles_with

CONFIRMED = Compiled(
    lambda user: OrganizationUserObjectPermission.objects.filter(user=user).values_list("content_object_id", "permission__codename"),
    user=-1,
)


def grants_of(user):
    """The role grants of `user` that are in force today and that guardian confirms; asked once a request."""
    if not user.is_authenticated or not user.is_active:
        return []
    if not hasattr(user, "_grants_in_force"):
        rows = RoleGrant.objects.in_force(timezone.localdate()).filter(user=user).select_related("organization")
        confirmed = set(CONFIRMED.rows(user=user.pk))
        user._grants_in_force = [row for row in rows if (row.organization_id, f"act_as_{row.role}") in confirmed]
    return user._grants_in_force


def granted_nodes(user, permission):
    """Ids of the nodes on which `user` holds `permission` today; everything below them is in scope."""
    carrying = set(roles_with(permission))
    return sorted({grant.organization_id for grant in grants_of(user) if grant.role in carrying})


def is_county_wide(user, permission):
    """Whether `user` holds `permission` on the root, so that everything is in scope and no node need be asked."""
    carrying = set(roles_with(permission))
    return any(grant.organization.parent_id is None for grant in grants_of(user) if grant.role in carrying)


def has_permission(user, permission):
    """Whether `user` holds `permission` anywhere."""
    return bool(granted_nodes(user, permission))


def may(user, permission, node):
    """Whether `user` holds `permission` on `node` or above it."""
    return bool(set(granted_nodes(user, permission)) & set(node.path))


def require(user, permission, node=None):
    """Raise Forbidden with a sentence unless `user` holds `permission` (on `node`, where given)."""
    allowed = has_permission(user, permission) if node is None else may(user, permission, node)
    if not allowed:
        raise Forbidden(f"您的角色没有这项权限（{ACT_LABELS.get(permission, permission)}）。需要时请向业务管理员申请。")


def role_on(user, permission, node):
    """The role code by which `user` may do `permission` on `node`: the nearest grant wins; None without one."""
    carrying = set(roles_with(permission))
    held = [grant for grant in grants_of(user) if grant.role in carrying and grant.organization_id in node.path]
    return max(held, key=lambda grant: node.path.index(grant.organization_id)).role if held else None


def get_visible(queryset, user, permission, **lookup):
    """The one object of `queryset` that `lookup` names, within scope; Http404 alike for a foreign and an absent one."""
    try:
        return queryset.visible_to(user, permission).get(**lookup)
    except queryset.model.DoesNotExist as absent:
        raise Http404 from absent


def home_node(user):
    """The node shown beside the person's name: the one of the highest grant; None without any."""
    grants = grants_of(user)
    return min(grants, key=lambda grant: grant.organization.depth).organization if grants else None


def role_labels(user):
    return [ROLE[grant.role].label for grant in grants_of(user)]


def confirm_role(user, role, node):
    """guardian's row for a role grant; written by core.actions.accounts alone."""
    assign_perm(f"act_as_{role}", user, node)


def withdraw_role(user, role, node):
    remove_perm(f"act_as_{role}", user, node)


def root():
    """The county's own node; None before start_county."""
    return Organization.objects.filter(parent=None).first()


ACT_LABELS = {
    "import_lists": "导入名单", "fill_lists": "填报名单", "approve_import": "批准入库", "undo_import": "撤销批次", "decide_match": "确认匹配",
    "manage_accounts": "管理账号", "watch_runs": "照看没有做完的任务",
    "see_audit": "查看审计", "reveal_numbers": "查看完整证件号", "export_lists": "导出", "set_parameters": "设置参数", "make_reports": "生成报表",
    "request_change": "申请更正", "approve_change": "审批更正", "record_contact": "登记联系方式",
    "see_children": "查看学生", "see_schools": "查看学校", "see_account": "查看总账", "see_cases": "查看个案", "see_reports": "查看报表",
    "open_case": "列为疑似", "confirm_case": "确认辍学", "propose_removal": "提出核减", "review_removal": "复核核减", "decide_other_removal": "批准其他原因的核减",
    "assign_case": "安排责任人",
    "record_visit": "记录走访", "record_return": "登记返校", "consolidate_case": "登记安置与巩固", "propose_close": "提出销号",
    "review_close": "批准销号", "file_report": "填报月报", "sign_report": "签字", "accept_report_group": "教育组接收",
    "accept_report_bureau": "教育局接收", "tick_paper_report": "纸质已收",
    "keep_calendar": "登记校历", "keep_terms": "录入学期", "mark_attendance": "登记考勤", "receive_absence_report": "签收缺勤报告",
    "record_standing": "登记去向", "review_standing": "复核去向", "freeze_account": "固定总账", "set_catchments": "划分学区",
    "record_check": "登记排查", "report_found": "上报摸排儿童",
    "start_roll_change": "申请学籍异动", "agree_roll_change": "审核学籍异动", "approve_roll_change": "核办学籍异动", "call_guardian": "电话核实家长",
    "turn_school_year": "办理学年升级", "change_units": "撤并、拆分、更名单位", "register_arrivals": "登记报到",
}
