"""Who did, saw or was refused what, for those who watch."""

from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_tables2 import RequestConfig

from core.forms import AuditFilterForm
from core.models import AuditEntry
from core.scope import has_permission, require
from core.tables import AuditTable


@require_GET
def audit_list(request):
    require(request.user, "see_audit")
    form = AuditFilterForm(request.GET or None)
    entries = form.apply(AuditEntry.objects.visible_to(request.user, "see_audit"))
    table = AuditTable(entries, reads_reasons=has_permission(request.user, "see_children"), empty_text="这个范围内没有记录：放宽筛选条件再看。")
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    return render(request, "core/audit_list.html", {"table": table, "form": form})
