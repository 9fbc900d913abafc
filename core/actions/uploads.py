"""Files that prove something. A picture is decoded and written anew first, so that nothing of the telephone's metadata is stored."""

import base64
import binascii

from core import files, pictures
from core.workflow import Refused

MOST_BYTES = 20 * 1024 * 1024
SIGNATURE_HEAD = "data:image/png;base64,"
MOST_SIGNATURE = 400_000  # characters of the data URL; a drawn signature has some 20,000
UNSIGNED = "签名没有传完整，请点“重签”后再签一次，或签在纸上拍照。"


def store_upload(upload, by):
    """One uploaded file (photo or PDF) as Attachment.

    Refused for anything but a PDF by its own first bytes; PictureRefused (with its sentence) for a picture that cannot be read."""
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(f"《{upload.name}》超过 {MOST_BYTES // 1024 // 1024} MB。请压缩后再传。")
    if content.startswith(b"%PDF-"):
        return files.store(content, upload.name, "application/pdf", by)
    clean = pictures.clean_photo(content, upload.name)
    return files.store(clean, f"{upload.name.rsplit('.', 1)[0]}.jpg", "image/jpeg", by)


def store_drawn(drawn, by):
    """A signature drawn on the device: a PNG as data URL."""
    if not drawn.startswith(SIGNATURE_HEAD) or len(drawn) > MOST_SIGNATURE:
        raise Refused(UNSIGNED)
    try:
        content = base64.b64decode(drawn.removeprefix(SIGNATURE_HEAD), validate=True)
    except binascii.Error as broken:
        raise Refused(UNSIGNED) from broken
    return files.store(pictures.clean_photo(content, "签名"), "签名.jpg", "image/jpeg", by)
