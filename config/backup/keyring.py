"""Which keys a backup needs: numbers and fingerprints. A fingerprint tells 32 random bytes apart and leads back to none of them."""

import hashlib
import hmac

from django.conf import settings

from config.backup.parcel import BackupDamaged, BackupRefused
from core import crypto

FIELD = "backup.manifest"


def fingerprint(key):
    return hashlib.sha256(b"not-one-less key fingerprint:" + bytes(key)).hexdigest()[:16]


def reference():
    """{"field": {number: fingerprint}, "index": fingerprint, "cipher": name} of the keys in use."""
    return {
        "field": {str(number): fingerprint(key) for number, key in sorted(settings.FIELD_KEYS.items())},
        "index": fingerprint(settings.INDEX_KEY),
        "cipher": settings.FIELD_CIPHER,
    }


def sign(manifest):
    """A keyed signature of the manifest's bytes: only this county's system can have written it."""
    return crypto.blind_index(manifest.decode(), FIELD).hex()


def check(path, manifest, raw, signed):
    """BackupRefused when this system has not the keys of the backup: restored, its numbers could not be read or not be found."""
    wanted, have = manifest["keys"], reference()
    missing = [f"字段密钥 {number} 号（指纹 {mark}）" for number, mark in wanted["field"].items() if have["field"].get(number) != mark]
    if wanted["index"] != have["index"]:
        missing.append(f"索引密钥（指纹 {wanted['index']}）")
    if missing:
        raise BackupRefused(
            f"现在的系统没有这份备份用的密钥：{'、'.join(missing)}。请先把当时的密钥放回（NOL_FIELD_KEYS、NOL_INDEX_KEY），再恢复。什么也没有改动。"
        )
    if not hmac.compare_digest(sign(raw), signed):
        raise BackupDamaged(path, [("manifest.signature", "签名不对：清单被改动过，或不是本系统写的")])
