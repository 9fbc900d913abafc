"""PDF that does things: runs scripts, starts programs, carries files, hides them; and PDF that is broken or without end."""

import zlib
from functools import partial

from tests.hostile import EITHER, READ, REFUSED
from tests.hostile import Hostile as _Hostile
from tests.hostile.book import good

Hostile = partial(_Hostile, door="proof")
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] {} >>"


def stream(content, more=""):
    return b"<< %s /Length %d >> stream\n" % (more.encode(), len(content)) + content + b"\nendstream"


def pdf(catalog="", *further, page="", pages="<< /Type /Pages /Kids [3 0 R] /Count 1 >>", trailer="", head=b"%PDF-1.7\n"):
    """A PDF of one empty page; `catalog` and `page` are added to theirs, `further` are the objects from 4 on."""
    objects = [f"<< /Type /Catalog /Pages 2 0 R {catalog} >>", pages, PAGE.format(page), *further]
    out, places = bytearray(head), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + (content if isinstance(content, bytes) else content.encode()) + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def with_hidden_objects(inner):
    """The action lies in a packed object stream, where no search for words finds it."""
    body = f"5 0 {inner}".encode()
    packed = zlib.compress(body)
    hidden = stream(packed, "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
    head = b"%PDF-1.7\n"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE.format("").encode(),
        hidden,
    ]
    out, places = bytearray(head), [0]
    for number, content in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    rows = b"\x00\x00\x00\x00" + b"".join(b"\x01" + place.to_bytes(2, "big") + b"\x00" for place in places[1:])
    rows += b"\x02\x00\x04\x00" + b"\x01" + start.to_bytes(2, "big") + b"\x00"
    out += b"6 0 obj\n" + stream(rows, "/Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R") + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def encrypted(user="secret"):
    import io

    from pypdf import PdfReader, PdfWriter

    with PdfWriter(clone_from=PdfReader(io.BytesIO(pdf()))) as writer:
        writer.encrypt(user, "owner", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
    return out.getvalue()


SCRIPT = "/S /JavaScript /JS (app.alert(1))"
FILE = ("<< /Type /Filespec /F (x.exe) /EF << /F 5 0 R >> >>", stream(b"MZ", "/Type /EmbeddedFile"))

FILES = [
    Hostile("PDF that is good", "证明.pdf", pdf, READ),
    Hostile("a note with an address to click", "证明.pdf",
            lambda: pdf("", "<< /Subtype /Link /A << /S /URI /URI (http://127.0.0.1:9/) >> >>", page="/Annots [4 0 R]"), EITHER),
    Hostile("script at opening", "证明.pdf", lambda: pdf(f"/OpenAction << {SCRIPT} >>"), REFUSED, "脚本"),
    Hostile("script in the list of names", "证明.pdf",
            lambda: pdf(f"/Names << /JavaScript << /Names [(a) << {SCRIPT} >>] >> >>"), REFUSED, "脚本"),
    Hostile("script when a page opens", "证明.pdf", lambda: pdf(page=f"/AA << /O << {SCRIPT} >> >>"), REFUSED, "脚本"),
    Hostile("script under another spelling", "证明.pdf",
            lambda: pdf("/OpenAction << /S /J#61vaScript /J#53 (app.alert(1)) >>"), REFUSED, "脚本"),
    Hostile("script in a packed object", "证明.pdf", lambda: with_hidden_objects(f"<< {SCRIPT} >>"), REFUSED, "脚本"),
    Hostile("script behind another act", "证明.pdf",
            lambda: pdf(f"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << {SCRIPT} >> >>"), REFUSED, "脚本"),
    Hostile("starts a program", "证明.pdf", lambda: pdf("/OpenAction << /S /Launch /F (cmd.exe) >>"), REFUSED, "启动"),
    Hostile("starts a program from a note", "证明.pdf",
            lambda: pdf("", "<< /Subtype /Link /A << /S /Launch /F (x) >> >>", page="/Annots [4 0 R]"), REFUSED, "启动"),
    Hostile("carries a file", "证明.pdf", lambda: pdf("/Names << /EmbeddedFiles << /Names [(x) 4 0 R] >> >>", *FILE), REFUSED, "附件"),
    Hostile("carries a file in a note", "证明.pdf",
            lambda: pdf("", "<< /Subtype /FileAttachment /FS << /EF << /F 5 0 R >> >> >>", FILE[1],
                page="/Annots [4 0 R]"), REFUSED, "附件"),
    Hostile("sends its form away", "证明.pdf", lambda: pdf("/OpenAction << /S /SubmitForm /F (http://127.0.0.1:9/) >>"), REFUSED, "向外"),
    Hostile("takes data in", "证明.pdf", lambda: pdf("/OpenAction << /S /ImportData /F (x.fdf) >>"), REFUSED, "向外"),
    Hostile("opens a page of the network at opening", "证明.pdf",
            lambda: pdf("/OpenAction << /S /URI /URI (http://127.0.0.1:9/) >>"), REFUSED, "向外"),
    Hostile("goes to another file", "证明.pdf", lambda: pdf("/OpenAction << /S /GoToR /F (\\\\\\\\127.0.0.1\\\\x) >>"), REFUSED, "向外"),
    Hostile("goes into a file it carries", "证明.pdf", lambda: pdf("/OpenAction << /S /GoToE /T << /R /C >> >>"), REFUSED, "向外"),
    Hostile("form of the other kind", "证明.pdf", lambda: pdf("/AcroForm << /XFA 4 0 R /Fields [] >>", stream(b"<xdp/>")), REFUSED, "表单程序"),
    Hostile("film and sound", "证明.pdf",
            lambda: pdf("", "<< /Subtype /RichMedia /RichMediaContent << >> >>", page="/Annots [4 0 R]"), REFUSED, "多媒体"),
    Hostile("encrypted", "证明.pdf", encrypted, REFUSED, "密码"),
    Hostile("encrypted with no password to open", "证明.pdf", partial(encrypted, ""), EITHER),
    Hostile("PDF cut in half", "证明.pdf", lambda: pdf()[:120], REFUSED, "打不开"),
    Hostile("a head and nothing", "证明.pdf", lambda: b"%PDF-1.7\n", REFUSED, "打不开"),
    Hostile("a head and noise", "证明.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 50, REFUSED, "打不开"),
    Hostile("no page", "证明.pdf", lambda: pdf(pages="<< /Type /Pages /Kids [] /Count 0 >>"), REFUSED, "打不开|没有页"),
    Hostile("pages that are each other's children", "证明.pdf",
            lambda: pdf(pages="<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), REFUSED, "打不开|没有页"),
    Hostile("a billion pages claimed", "证明.pdf", lambda: pdf(pages="<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>"), EITHER),
    Hostile("tables that lead to themselves", "证明.pdf", lambda: pdf(trailer="/Prev 9"), EITHER),
    Hostile("a table of 2 billion rows", "证明.pdf", lambda: pdf().replace(b"xref\n0 4", b"xref\n0 2147483647"), EITHER),
    Hostile("objects in a circle", "证明.pdf", lambda: pdf("/Extra 4 0 R", "<< /A 5 0 R >>", "<< /B 4 0 R >>"), READ),
    Hostile("50,000 arrays in each other", "证明.pdf", lambda: pdf("/Extra " + "[" * 50_000 + "]" * 50_000), EITHER),
    Hostile("a page whose drawing is 500 MB of zeros", "证明.pdf",
            lambda: pdf("", stream(zlib.compress(bytes(500 << 20), 9), "/Filter /FlateDecode"), page="/Contents 4 0 R"), EITHER),
    Hostile("a length that lies", "证明.pdf",
            lambda: pdf("", b"<< /Length 999999999 >> stream\nx\nendstream", page="/Contents 4 0 R"), EITHER),
    Hostile("web page and PDF in one", "证明.pdf", lambda: b"<html><script>alert(1)</script>" + pdf(), REFUSED, "不是完整"),
    Hostile("PDF and workbook in one", "证明.pdf", lambda: pdf() + good(), EITHER),
    Hostile("PDF and script in one", "证明.pdf", lambda: pdf(head=b"%PDF-1.7\n%<script>alert(1)</script>\n"), READ),
    Hostile("PDF as a photo", "家.jpg", pdf, READ),
    Hostile("PDF of 21 MB", "证明.pdf", lambda: pdf() + bytes(21 << 20), REFUSED, "20 MB"),
    Hostile("a PDF's name that climbs", "../../../etc/cron.d/x.pdf", pdf, READ),
    Hostile("a PDF's name of 400 characters", "证" * 400 + ".pdf", pdf, READ),
    Hostile("a PDF's name that is markup", "<script>alert(1)</script>.pdf", pdf, READ),
    Hostile("a PDF's name with a line break", "a\r\nX-Evil: 1.pdf", pdf, READ),
]  # fmt: skip
