"""Files that prove something of a case."""

from core.actions.uploads import store_drawn, store_upload
from dropout.codes import EvidenceKind
from dropout.models import Evidence


def add_evidence(*, case, kind, upload, by, **subject):
    """Store one uploaded file (photo or PDF) as evidence of `case`; `subject`: removal=, visit=, return_record= or closing=."""
    return Evidence.objects.create(case=case, kind=kind, attachment=store_upload(upload, by), added_by=by, **subject)


def add_photos(*, case, uploads, by, kind=EvidenceKind.PHOTO, **subject):
    return [add_evidence(case=case, kind=kind, upload=upload, by=by, **subject) for upload in uploads]


def add_signature(*, case, drawn, by, visit):
    """The signature drawn on the device: a PNG as data URL."""
    return Evidence.objects.create(case=case, kind=EvidenceKind.SIGNATURE, attachment=store_drawn(drawn, by), added_by=by, visit=visit)
