"""Files that prove something. A picture is decoded and written anew first, so that nothing of the telephone's metadata is stored."""

import base64
import binascii

from core import files, pictures
from core.workflow import Refused
from dropout.codes import EvidenceKind
from dropout.models import Evidence

MOST_BYTES = 20 * 1024 * 1024
SIGNATURE_HEAD = "data:image/png;base64,"
MOST_SIGNATURE = 400_000  # characters of the data URL; a drawn signature has some 20,000


def add_evidence(*, case, kind, upload, by, **subject):
    """Store one uploaded file (photo or PDF) as evidence of `case`; `subject`: removal=, visit=, return_record= or closing=.

    Refused for anything but a PDF by its own first bytes; PictureRefused (with its sentence) for a picture that cannot be read."""
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(f"《{upload.name}》超过 {MOST_BYTES // 1024 // 1024} MB。请压缩后再传。")
    if content.startswith(b"%PDF-"):
        return stored(case, kind, content, upload.name, "application/pdf", by, subject)
    clean = pictures.clean_photo(content, upload.name)
    return stored(case, kind, clean, f"{upload.name.rsplit('.', 1)[0]}.jpg", "image/jpeg", by, subject)


def add_photos(*, case, uploads, by, kind=EvidenceKind.PHOTO, **subject):
    return [add_evidence(case=case, kind=kind, upload=upload, by=by, **subject) for upload in uploads]


def add_signature(*, case, drawn, by, visit):
    """The signature drawn on the device: a PNG as data URL."""
    if not drawn.startswith(SIGNATURE_HEAD) or len(drawn) > MOST_SIGNATURE:
        raise Refused("签名没有传完整，请点“重签”后再签一次，或签在纸上拍照。")
    try:
        content = base64.b64decode(drawn.removeprefix(SIGNATURE_HEAD), validate=True)
    except binascii.Error as broken:
        raise Refused("签名没有传完整，请点“重签”后再签一次，或签在纸上拍照。") from broken
    return stored(case, EvidenceKind.SIGNATURE, pictures.clean_photo(content, "签名"), "签名.jpg", "image/jpeg", by, {"visit": visit})


def stored(case, kind, content, name, media_type, by, subject):
    attachment = files.store(content, name, media_type, by)
    return Evidence.objects.create(case=case, kind=kind, attachment=attachment, added_by=by, **subject)
