"""What is printed of a case: 劝返记录 and 登记表."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import audit
from dropout.reports import papers
from dropout.views.loading import get_case


@require_GET
def case_print(request, public_id, paper):
    """The PDF; its foot carries who printed it and the number that leads back to the audit row."""
    case = get_case(request.user, public_id)
    if paper not in papers.PAPERS:
        raise Http404
    entry = audit.record_view(f"{paper}_printed", by=request.user, subject=case.child, case=case.number)
    stamp = f"{entry.actor_name} {timezone.localtime(entry.at):%Y-%m-%d} {entry.number}"
    title, content = papers.PAPERS[paper](case, stamp=stamp)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{papers.file_name(title, case)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
