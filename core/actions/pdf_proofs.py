"""Is an uploaded PDF paper and nothing more? What runs, starts, sends, carries files or hides behind a password is not taken.

A PDF is kept as it came, since rewriting it would break the signatures of other offices in it; so what is stored must be harmless to
open. It is looked through in a child with limits (`python -m core.actions.pdf_proofs`, the file on stdin): whoever sends it decides
what the parser meets. Nothing of it is drawn, no picture or drawing in it is unpacked.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WALL_SECONDS, CPU_SECONDS, MEMORY_BYTES, MOST_OBJECTS = 40, 30, 1 << 30, 200_000
FOUND = 3  # exit code: the answer names what was found
RESAVE = "请在电脑上打开它，用“打印到 PDF”另存一份，或打印出来重新扫描，再传。"

SCRIPT, PROGRAM, ATTACHED, OUTWARD = "script", "program", "attached", "outward"
FORM, MEDIA, LOCKED, EMPTY = "form", "media", "locked", "empty"
SENTENCES = {
    SCRIPT: "里有会自己运行的脚本，为安全起见不收。" + RESAVE,
    PROGRAM: "里有启动程序的动作，为安全起见不收。" + RESAVE,
    ATTACHED: "里还夹带着别的文件（附件），为安全起见不收。请把附件另外上传；" + RESAVE,
    OUTWARD: "打开时会向外发送或读取内容，为安全起见不收。" + RESAVE,
    FORM: "是带表单程序的 PDF（XFA），别处打不开。" + RESAVE,
    MEDIA: "里有影音等多媒体内容，不能作纸质证明。" + RESAVE,
    LOCKED: "设了密码或使用限制，以后可能打不开。请去掉密码后再传，或打印出来重新扫描。",
    EMPTY: "里没有页。请重新扫描后再传。",
}
ACTS = {
    "/JavaScript": SCRIPT, "/Launch": PROGRAM, "/SubmitForm": OUTWARD, "/ImportData": OUTWARD, "/GoToR": OUTWARD, "/GoToE": OUTWARD,
    "/Rendition": MEDIA, "/Movie": MEDIA, "/Sound": MEDIA, "/RichMediaExecute": MEDIA,
}  # fmt: skip
KEYS = {"/JS": SCRIPT, "/JavaScript": SCRIPT, "/EF": ATTACHED, "/EmbeddedFiles": ATTACHED, "/XFA": FORM}
SUBTYPES = {"/RichMedia": MEDIA, "/Movie": MEDIA, "/Sound": MEDIA, "/Screen": MEDIA, "/3D": MEDIA, "/FileAttachment": ATTACHED}
BY_THEMSELVES = ("/OpenAction", "/AA")  # what stands below is done without anybody's click


class PdfRefused(Exception):
    """A PDF that is not taken; the message says why and what to do."""


def admit(content, name):
    """Nothing for a PDF (bytes) that is only paper; raises PdfRefused."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "core.actions.pdf_proofs"],
            input=content, capture_output=True, timeout=WALL_SECONDS, check=False, cwd=ROOT,
            env={key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if key in os.environ},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PdfRefused(f"《{name}》看了 {WALL_SECONDS} 秒还没看完，已停止。请分成几份，或重新扫描后再传。") from error
    if child.returncode == FOUND:
        raise PdfRefused(f"《{name}》{SENTENCES[child.stdout.decode()]}")
    if child.returncode:
        raise PdfRefused(f"《{name}》打不开，可能没有传完整，或者不是正常的 PDF。请在电脑上打开核对，重新扫描或另存后再传。")


def fault(source):
    """The key of SENTENCES that stands for what is wrong with a PDF (binary file), or None."""
    from pypdf import PdfReader

    reader = PdfReader(source)
    if reader.is_encrypted:
        return LOCKED
    pages = 0
    for thing, alone in _reached(reader.trailer.raw_get("/Root")):
        found = _wrong_with(thing, alone)
        if found:
            return found
        pages += thing.get("/Type") == "/Page"
    return None if pages else EMPTY


def _reached(root):
    """(dictionary, whether it acts by itself) of everything that hangs on the document, each once."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    seen, waiting = set(), [(root, False)]
    while waiting:
        thing, alone = waiting.pop()
        if isinstance(thing, IndirectObject):
            place = (thing.idnum, thing.generation, alone)
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MOST_OBJECTS:
                raise ValueError("more objects than a scan has")
            thing = thing.get_object()
        if isinstance(thing, DictionaryObject):
            yield thing, alone
            waiting += [(thing.raw_get(key), alone or key in BY_THEMSELVES) for key in thing]
        elif isinstance(thing, ArrayObject):
            waiting += [(one, alone) for one in list.__iter__(thing)]


def _wrong_with(thing, alone):
    act = thing.get("/S")
    if alone and act == "/URI":
        return OUTWARD
    found = [KEYS[key] for key in thing if key in KEYS]
    return ACTS.get(act) or SUBTYPES.get(thing.get("/Subtype")) or (found[0] if found else None)


def main():
    """The child: the PDF on stdin; exit code 0, or 3 and what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import io

    found = fault(io.BytesIO(sys.stdin.buffer.read()))
    if found:
        sys.stdout.write(found)
        sys.exit(FOUND)


if __name__ == "__main__":
    main()
