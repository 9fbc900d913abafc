"""Photos that are bombs, other things, two things at once, or tell where a child lives."""

import io
import random
import struct
import zlib
from functools import partial

from PIL import Image

from tests.hostile import EITHER, READ, REFUSED
from tests.hostile import Hostile as _Hostile
from tests.hostile.book import good

Hostile = partial(_Hostile, door="proof")
SECRET = b"PhoneMaker-77"  # in the metadata of every photo that is taken: it must be gone
PNG = b"\x89PNG\r\n\x1a\n"
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def picture(form="JPEG", size=(64, 48), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def with_place(form="JPEG"):
    exif = Image.Exif()
    exif[MAKER], exif[ORIENTATION] = SECRET.decode(), 6
    exif.get_ifd(GPS).update({1: "N", 2: (35.0, 36.0, 12.0), 3: "E", 4: (114.0, 12.0, 1.0)})
    return picture(form, exif=exif)


def chunk(kind, content, wrong=0):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content) ^ wrong)


def png(width, height, *chunks, depth=8, colour=2, pixels=None, wrong=0):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0), wrong)
    pixels = zlib.compress(bytes(1000)) if pixels is None else pixels
    return PNG + head + b"".join(chunks) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def small(*chunks):
    return png(2, 2, *chunks, pixels=zlib.compress(bytes(2 * 7)))


def jpeg_sized(width, height):
    content = bytearray(picture())
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def broken_exif(seed):
    """A photo whose metadata is noise."""
    noise = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\xff\xff" + random.Random(seed).randbytes(300)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(noise) + 2) + noise + picture()[2:]


def exif_in_a_circle():
    entry = struct.pack(">HHII", 0x8769, 4, 1, 8)
    block = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" + struct.pack(">H", 1) + entry + struct.pack(">I", 8)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(block) + 2) + block + picture()[2:]


def turned(value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return picture(exif=exif)


def scans(count):
    """A progressive photo whose last scan comes again and again."""
    content = picture(progressive=True, size=(512, 512))
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * count + b"\xff\xd9"


def frames(count):
    pages = [Image.new("RGB", (64, 64), (n % 255, 0, 0)) for n in range(count)]
    out = io.BytesIO()
    pages[0].save(out, "WEBP", save_all=True, append_images=pages[1:])
    return out.getvalue()


TEXT_BOMB = b"Comment\x00\x00" + zlib.compress(bytes(80 << 20), 9)
PROFILE_BOMB = b"icc\x00\x00" + zlib.compress(bytes(80 << 20), 9)

FILES = [
    Hostile("photo that tells the place", "家.jpg", with_place, READ),
    Hostile("PNG that tells the place", "家.png", partial(with_place, "PNG"), READ),
    Hostile("WebP that tells the place", "家.webp", partial(with_place, "WEBP"), READ),
    Hostile("PNG of 65,535 × 65,535", "家.png", lambda: png(65_535, 65_535), REFUSED, "像素超过"),
    Hostile("PNG of 2^31 × 2^31", "家.png", lambda: png(2**31 - 1, 2**31 - 1), REFUSED, "像素|不是完整"),
    Hostile("PNG of 0 × 0", "家.png", lambda: png(0, 0), REFUSED, "不是完整"),
    Hostile("PNG of 12,000 × 12,000 in 20 KB", "家.png", lambda: picture("PNG", (12_000, 12_000), "1"), REFUSED, "像素超过"),
    Hostile("PNG whose pixels are 200 MB of zeros", "家.png", lambda: png(2, 2, pixels=zlib.compress(bytes(200 << 20), 9)), EITHER),
    Hostile("PNG with a text of 80 MB", "家.png", lambda: small(chunk(b"zTXt", TEXT_BOMB)), EITHER),
    Hostile("PNG with an international text of 80 MB", "家.png",
            lambda: small(chunk(b"iTXt", b"C\x00\x01\x00\x00\x00" + TEXT_BOMB[9:])), EITHER),
    Hostile("PNG with a profile of 80 MB", "家.png", lambda: small(chunk(b"iCCP", PROFILE_BOMB)), EITHER),
    Hostile("PNG with a wrong checksum", "家.png", lambda: png(2, 2, wrong=1), REFUSED, "不是完整"),
    Hostile("PNG with an unknown colour", "家.png", lambda: png(2, 2, colour=5), REFUSED, "不是完整"),
    Hostile("PNG without pixels", "家.png", lambda: PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)), REFUSED, "不是完整"),
    Hostile("PNG that claims a chunk of 2 GB", "家.png",
            lambda: PNG + struct.pack(">I", 2**31 - 1) + b"IHDR" + bytes(30), REFUSED, "不是完整"),
    Hostile("animated PNG that claims 4 billion frames", "家.png",
            lambda: small(chunk(b"acTL", struct.pack(">II", 2**32 - 1, 0))), EITHER),
    Hostile("JPEG of 65,500 × 65,500", "家.jpg", lambda: jpeg_sized(65_500, 65_500), REFUSED, "像素超过"),
    Hostile("JPEG that claims more than it holds", "家.jpg", lambda: jpeg_sized(3000, 3000), EITHER),
    Hostile("JPEG of 0 × 0", "家.jpg", lambda: jpeg_sized(0, 0), REFUSED, "不是完整"),
    Hostile("JPEG of 2,000 scans", "家.jpg", lambda: scans(2000), EITHER),
    Hostile("JPEG cut in half", "家.jpg", lambda: picture(size=(640, 480))[:600], REFUSED, "不是完整"),
    Hostile("JPEG with a book behind it", "家.jpg", lambda: picture() + good(), READ),
    Hostile("JPEG with a script inside", "家.jpg", lambda: picture(comment=b"<?php system($_GET[0]); ?>" + SECRET), READ),
    Hostile("JPEG in printer's colours", "家.jpg", lambda: picture(mode="CMYK"), READ),
    *[Hostile(f"JPEG with metadata of noise {seed}", "家.jpg", lambda seed=seed: broken_exif(seed), EITHER) for seed in range(12)],
    Hostile("JPEG whose metadata runs in a circle", "家.jpg", exif_in_a_circle, EITHER),
    *[Hostile(f"JPEG turned by {value}", "家.jpg", lambda value=value: turned(value), EITHER) for value in (0, 9, 65_535)],
    Hostile("WebP of 300 frames", "家.webp", lambda: frames(300), READ),
    Hostile("WebP cut in half", "家.webp", lambda: picture("WEBP", (640, 480))[:60], REFUSED, "不是完整"),
    Hostile("WebP that is empty inside", "家.webp", lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(40), REFUSED, "不是完整"),
    Hostile("GIF", "家.gif", lambda: picture("GIF", mode="P"), REFUSED, "不是完整"),
    Hostile("GIF that is a script", "家.jpg", lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//", REFUSED, "不是完整"),
    Hostile("BMP", "家.jpg", lambda: picture("BMP"), REFUSED, "不是完整"),
    Hostile("TIFF", "家.jpg", lambda: picture("TIFF"), REFUSED, "不是完整"),
    Hostile("icon", "家.jpg", lambda: picture("ICO"), REFUSED, "不是完整"),
    Hostile("PostScript that reads files", "家.jpg",
            lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd)(r) file", REFUSED, "不是完整"),
    Hostile("SVG as PNG", "家.png", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', REFUSED, "不是完整"),
    Hostile("SVG that reads files", "家.svg",
            lambda: b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>', REFUSED, "不是完整"),
    Hostile("web page as JPEG", "家.jpg", lambda: b"<html><script>alert(1)</script></html>", REFUSED, "不是完整"),
    Hostile("HEIC", "家.heic", lambda: b"\x00\x00\x00\x18ftypheic" + bytes(60), REFUSED, "HEIC"),
    Hostile("film", "家.mp4", lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(60), REFUSED, "不是完整"),
    Hostile("workbook as photo", "家.jpg", good, REFUSED, "不是完整"),
    Hostile("Word as proof", "证明.docx", lambda: b"PK\x03\x04" + bytes(60), REFUSED, "不是完整"),
    Hostile("old Word as proof", "证明.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), REFUSED, "不是完整"),
    Hostile("program as photo", "家.jpg", lambda: b"MZ\x90\x00" + bytes(60), REFUSED, "不是完整"),
    Hostile("photo of 21 MB", "家.jpg", lambda: picture() + bytes(21 << 20), REFUSED, "超过 20 MB"),
    Hostile("empty photo", "家.jpg", lambda: b"", REFUSED, ""),
    Hostile("one byte", "家.jpg", lambda: b"\xff", REFUSED, "不是完整"),
]  # fmt: skip
