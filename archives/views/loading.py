"""Finding reports and nodes within a person's scope."""

from django.core.exceptions import ValidationError
from django.http import Http404

from archives.models import Report
from core.models import Organization
from core.scope import Forbidden, get_visible, granted_nodes


def get_report(user, public_id, permission="see_reports"):
    """The report that `public_id` names; 404 for a foreign and an absent one alike."""
    related = (
        "organization",
        "group",
        "filed_by",
        "signed_by",
        "group_accepted_by",
        "accepted_by",
        "returned_by",
        "corrected_from",
        "scan",
    )
    return get_visible(Report.objects.select_related(*related), user, permission, public_id=public_id)


def node_asked_for(request, permission="see_reports"):
    """The node whose table is shown: ?node=, else the highest one the person may see reports of."""
    nodes = granted_nodes(request.user, permission)
    if not nodes:
        raise Forbidden("您的角色不看月报。需要时请向业务管理员申请。")
    visible = Organization.objects.visible_to(request.user, permission)
    asked = request.GET.get("node")
    if asked:
        try:
            return visible.get(public_id=asked)
        except (Organization.DoesNotExist, ValidationError) as absent:
            raise Http404 from absent
    return min(Organization.objects.filter(pk__in=nodes), key=lambda node: (node.depth, node.code))
