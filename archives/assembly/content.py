"""What a signature is put under: one canonical text of a report's content, and its fingerprint (design.md §5; reliability.md T10)."""

import hashlib
import json

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are misread on paper
LENGTH = 8
CODE_BITS = 5 * LENGTH


def canonical(report):
    """The content as UTF-8 JSON with sorted keys and no spaces: the same report gives the same bytes on every machine."""
    content = {
        "kind": report.kind,
        "period": report.period,
        "starts_after": report.starts_after.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "unit": report.organization_name,
        "report": str(report.public_id),
        "version": report.version,
        "figures": report.figures,
        "texts": report.texts,
        "zero": [report.zero_checked_by, report.zero_checked_on.isoformat()] if report.zero_report else None,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint(report):
    """sha256 of the canonical content, 64 hex digits."""
    return hashlib.sha256(canonical(report)).hexdigest()


def short_code(sha256):
    """The first 40 bits as eight signs in two groups, such as 7K3M-9QXZ: short enough to type from paper."""
    number = int(sha256, 16) >> (256 - CODE_BITS)
    signs = "".join(ALPHABET[number >> shift & 31] for shift in range(CODE_BITS - 5, -1, -5))
    return f"{signs[:4]}-{signs[4:]}"


def read_short_code(typed):
    """A short code as people type it: small letters, without the dash, O for 0, I or L for 1. "" when it cannot be one."""
    signs = "".join(typed.split()).upper().replace("-", "").replace("—", "").translate(str.maketrans("OIL", "011"))
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == LENGTH and set(signs) <= set(ALPHABET) else ""


def same(figures, other):
    """Whether two `figures` say the same, whatever the order of their keys."""
    return json.dumps(figures, sort_keys=True) == json.dumps(other, sort_keys=True)
