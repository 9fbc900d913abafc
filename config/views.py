"""Home, each role's work of today; and whether the house is well."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from config import guide, navigation, work
from core.models import FileRun
from core.scope import grants_of


@require_GET
def home(request):
    today = timezone.localdate()
    held = grants_of(request.user)
    items = work.remember_summary(request.user, today) if held else []
    context = {"today": today, "items": items, "held": held, "late": sum(item.tone == "red" for item in items)}
    context["waiting"] = sum(item.count for item in items)
    context["runs"] = FileRun.objects.of(request.user).order_by("-pk")[:5]
    return render(request, "config/home.html", context)


@require_GET
def menu(request):
    """The menu with its badges, for a page that was drawn before they were counted."""
    items = work.remember_summary(request.user, timezone.localdate()) if grants_of(request.user) else []
    return render(request, "config/_menu.html", {"navigation": navigation.menu(request.user, request.GET.get("at", "/"), items)})


@require_GET
def show_help(request):
    """帮助: what each of the person's roles does here, then what the others do."""
    own, others = guide.chapters(request.user)
    return render(request, "config/help.html", {"own": own, "others": others})


@login_not_required
@require_GET
def favicon(request):
    """A browser that shows a PDF or a picture by itself asks here: no page told it of the icon."""
    return redirect(static("css/icon.svg"))


@never_cache
@login_not_required
@require_GET
def healthz(request):
    """For the load balancer and whoever watches: the database answers, how long the oldest piece of work has waited (seconds), and how many
    ended without being done since yesterday. No names."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    now = timezone.now()
    oldest = FileRun.objects.stranded(now).order_by("created_at").values_list("created_at", flat=True).first()
    failed = FileRun.objects.filter(state=FileRun.State.FAILED, finished_at__gte=now - timedelta(days=1)).count()
    waited = int((now - oldest).total_seconds()) if oldest else 0
    return JsonResponse({"database": "ok", "oldest_waiting_run": waited, "failed_runs": failed})
