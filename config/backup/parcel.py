"""The backup file. Its manifest comes first and lists every other part with size and sha256; a check reads all of them."""

import hashlib
import io
import json
import re
import tarfile
from pathlib import Path

FORMAT = 1
MANIFEST, SIGNATURE, DATABASE = "manifest.json", "manifest.signature", "database.dump"
FILE = re.compile(r"files/[0-9a-f]{64}")
BLOCK = 1 << 20
LISTED = 10  # damaged parts named in one sentence
LARGEST_MANIFEST = 512 << 20


class BackupRefused(Exception):
    """No backup is made, or none is restored; the message is a sentence that says why and what to do. Nothing was changed."""


class BackupDamaged(BackupRefused):
    """The file is not what was written. `parts` names what is damaged or missing."""

    def __init__(self, path, found):
        self.parts = tuple(name for name, _why in found)
        lines = "\n".join(f"· {name}：{why}" for name, why in found[:LISTED])
        more = f"\n· 另有 {len(found) - LISTED} 个部分" if len(found) > LISTED else ""
        super().__init__(f"备份 {Path(path).name} 已损坏，不能恢复：\n{lines}{more}\n请换另一份备份，或从另一处存放点重新复制这一份。")


def digest_of(stream, write=None):
    """(bytes, sha256) of what is left in a stream, passed on to `write` on the way."""
    digest, size = hashlib.sha256(), 0
    while block := stream.read(BLOCK):
        digest.update(block)
        size += len(block)
        if write is not None:
            write(block)
    return size, digest.hexdigest()


def write(stream, manifest, signed, sources):
    """Write the whole file. `manifest` are its bytes, `signed` its keyed signature, `sources` the paths of manifest["parts"] in order."""
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        checks = json.dumps({"sha256": hashlib.sha256(manifest).hexdigest(), "signature": signed}).encode()
        for name, content in ((MANIFEST, manifest), (SIGNATURE, checks)):
            tar.addfile(_head(name, len(content)), io.BytesIO(content))
        for part, source in zip(json.loads(manifest)["parts"], sources, strict=True):
            with Path(source).open("rb") as content:
                tar.addfile(_head(part["name"], part["size"]), content)


def check(path):
    """(manifest, its bytes, its signature) of a whole backup; every part is read. BackupDamaged names each part that is not what it was."""
    with _opened(path) as tar:
        manifest, raw, signed = _manifest(path, tar)
        expected = {part["name"]: part for part in manifest["parts"]}
        seen, wrong = set(), []
        for member, content in _rest(tar):
            seen.add(member.name)
            why = _fault(expected.get(member.name), content)
            if why:
                wrong.append((member.name, why))
        wrong += [(name, "缺失（文件被截断，或此前的部分损坏）") for name in expected if name not in seen]
    if wrong:
        raise BackupDamaged(path, wrong)
    return manifest, raw, signed


def parts(path):
    """(name, stream) of each part after the manifest, in order; the stream is good until the next one."""
    with _opened(path) as tar:
        for member, content in _rest(tar):
            if member.name not in (MANIFEST, SIGNATURE):
                yield member.name, content


def _fault(part, content):
    if part is None or not (part["name"] == DATABASE or FILE.fullmatch(part["name"])):
        return "清单里没有这一部分"
    try:
        size, digest = digest_of(content)
    except tarfile.ReadError:
        return "内容不完整，文件在这里被截断"
    if (size, digest) != (part["size"], part["sha256"]):
        return "内容与清单里的校验和不符"
    return ""


def _opened(path):
    try:
        return tarfile.open(path, mode="r:")
    except tarfile.ReadError as error:
        raise BackupDamaged(path, [(MANIFEST, "读不出来：这不是本系统的备份，或开头已损坏")]) from error
    except OSError as error:
        raise BackupRefused(f"备份 {path} 打不开：{error.strerror}。请核对路径和权限。") from error


def _rest(tar):
    """The remaining members; what ends too early ends here, and the caller misses the parts behind it."""
    while True:
        try:
            member = tar.next()
        except tarfile.ReadError:
            return
        if member is None:
            return
        if member.isreg():
            yield member, tar.extractfile(member)


def _manifest(path, tar):
    texts = {}
    for name in (MANIFEST, SIGNATURE):
        member, content = next(_rest(tar), (None, None))
        if member is None or member.name != name or member.size > LARGEST_MANIFEST:
            raise BackupDamaged(path, [(name, "缺失")])
        try:
            texts[name] = content.read()
        except tarfile.ReadError as error:
            raise BackupDamaged(path, [(name, "内容不完整，文件在这里被截断")]) from error
    try:
        checks = json.loads(texts[SIGNATURE])
        digest, signed = str(checks["sha256"]), str(checks["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(path, [(SIGNATURE, "内容已损坏")]) from error
    if hashlib.sha256(texts[MANIFEST]).hexdigest() != digest:
        raise BackupDamaged(path, [(MANIFEST, f"与 {SIGNATURE} 不符，二者之一已损坏")])
    manifest = json.loads(texts[MANIFEST])
    if manifest["format"] > FORMAT:
        raise BackupRefused(f"这份备份是更新的程序（{manifest['version']}）写的，现在的程序读不了。请先升级程序。")
    return manifest, texts[MANIFEST], signed


def _head(name, size):
    head = tarfile.TarInfo(name)
    head.size, head.mode = size, 0o600
    return head
