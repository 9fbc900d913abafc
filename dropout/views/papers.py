"""What is printed of a case: 劝返记录 and 登记表."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import audit
from dropout.models import Case
from dropout.reports import papers
from dropout.views.loading import get_case


def goes_to_the_family(user, case):
    """Whether the paper carries telephones and the address in full: for those who call and visit, or may see numbers anyway."""
    return any(Case.objects.visible_to(user, permission).filter(pk=case.pk).exists() for permission in ("record_visit", "reveal_numbers"))


@require_GET
def case_print(request, public_id, paper):
    """The PDF; its foot carries who printed it and the number that leads back to the audit row."""
    case = get_case(request.user, public_id)
    if paper not in papers.PAPERS:
        raise Http404
    whole = goes_to_the_family(request.user, case)
    entry = audit.record_view(f"{paper}_printed", by=request.user, subject=case.child, case=case.number, whole_contact=whole)
    stamp = f"{entry.actor_name} {timezone.localtime(entry.at):%Y-%m-%d} {entry.number}"
    title, content = papers.PAPERS[paper](case, stamp=stamp, whole=whole)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{papers.file_name(title, case)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
