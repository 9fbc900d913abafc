"""Answers when something is wrong with the request or the house. They may not need the database."""

import sys
from contextlib import suppress

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from core import files

RETRY_AFTER = 30  # seconds
OLD_PAGE = "这个页面打开得太久或登录已经更换，没有保存任何东西。请刷新页面后再办理一次。"


def server_error(request):
    """500; 507 when a disk is full; 503 when it was the database that is away or too busy: the browser may ask again."""
    error = sys.exc_info()[1]
    if error is not None and files.is_disk_full(error):
        _give_up_upload(request)
        return HttpResponse(render_to_string("507.html"), status=507)
    if isinstance(error, OperationalError | InterfaceError):
        response = HttpResponse(render_to_string("503.html"), status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
    return HttpResponseServerError(render_to_string("500.html", {"request_id": getattr(request, "id", "")}))


def _give_up_upload(request):
    """What was received so far lies on the full disk until Python happens to tidy up."""
    for handler in getattr(request, "_upload_handlers", ()):
        with suppress(OSError):
            handler.upload_interrupted()


def csrf_failure(request, reason=""):
    """A form from an old page: Django's own sentence is English and technical."""
    return render(request, "400.html", {"reason": OLD_PAGE}, status=403)
