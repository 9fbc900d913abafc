"""Files that prove something. A picture is decoded and written anew first, so that nothing of the telephone's metadata is stored; a PDF
is looked through and taken only as paper."""

import base64
import binascii

from core import files, pictures
from core.actions.pdf_proofs import PdfRefused, admit
from core.workflow import Refused

MOST_BYTES = 20 * 1024 * 1024
PDF_START = b"%PDF-"
SIGNATURE_HEAD = "data:image/png;base64,"
MOST_SIGNATURE = 400_000  # characters of the data URL; a drawn signature has some 20,000
UNSIGNED = "签名没有传完整，请点“重签”后再签一次，或签在纸上拍照。"


def admitted(upload):
    """(bytes, name, media type) to keep of one uploaded photo or PDF.

    Refused for a PDF that is more than paper; PictureRefused (with its sentence) for a picture that cannot be read and for all else."""
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(f"《{upload.name}》超过 {MOST_BYTES // 1024 // 1024} MB。请压缩后再传。")
    if content.startswith(PDF_START):
        try:
            admit(content, upload.name)
        except PdfRefused as refusal:
            raise Refused(str(refusal)) from refusal
        return content, upload.name, "application/pdf"
    return pictures.clean_photo(content, upload.name), f"{upload.name.rsplit('.', 1)[0]}.jpg", "image/jpeg"


def store_upload(upload, by):
    """The same, stored: its Attachment."""
    return files.store(*admitted(upload), by)


def store_drawn(drawn, by):
    """A signature drawn on the device: a PNG as data URL."""
    if not drawn.startswith(SIGNATURE_HEAD) or len(drawn) > MOST_SIGNATURE:
        raise Refused(UNSIGNED)
    try:
        content = base64.b64decode(drawn.removeprefix(SIGNATURE_HEAD), validate=True)
    except binascii.Error as broken:
        raise Refused(UNSIGNED) from broken
    return files.store(pictures.clean_photo(content, "签名"), "签名.jpg", "image/jpeg", by)
