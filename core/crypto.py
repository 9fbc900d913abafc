"""Sealing of personal numbers, keyed indexes for finding them again, and masks for showing them.

The only module that imports cryptography (design.md §3, ecosystem.md "ID / bank-card encryption").

A sealed value is::

    1 byte   version (high nibble) and algorithm (low nibble: 1 SM4-GCM, 2 AES-256-GCM)
    1 byte   key id, a key of settings.FIELD_KEYS
    12 bytes nonce, random
    n bytes  ciphertext, followed by the 16 byte tag

The two head bytes and the logical field name ("person.id_number") are associated data: a value moved to another field, or whose
head was changed, does not open. Table and row are not part of it, so that staging, live and history copies move freely.
Settings: FIELD_KEYS {id: 32 bytes}, the highest id seals; FIELD_CIPHER "sm4" | "aes"; INDEX_KEY bytes.
"""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

VERSION = 1
ALGORITHMS = {"sm4": 1, "aes": 2}
HEAD_LENGTH, NONCE_LENGTH, TAG_LENGTH = 2, 12, 16
SEALED_PREFIX = "sealed:"


class SealError(Exception):
    """A value cannot be sealed or opened; the message is a sentence for people. Ciphertext never comes back instead."""


@lru_cache(maxsize=64)
def _block_cipher(secret, algorithm):
    """The block cipher under a key of its own, so that one secret never serves two algorithms."""
    length = 16 if algorithm == ALGORITHMS["sm4"] else 32
    key = HKDF(hashes.SM3(), length, salt=None, info=b"seal:%d:%d" % (VERSION, algorithm)).derive(secret)
    return algorithms.SM4(key) if algorithm == ALGORITHMS["sm4"] else algorithms.AES(key)


@lru_cache(maxsize=256)
def _index_base(secret, purpose):
    """A keyed HMAC-SM3 ready to be copied: setting the key up is most of the cost of one short value."""
    key = HKDF(hashes.SM3(), 32, salt=None, info=b"index:" + purpose.encode()).derive(secret)
    return hmac.HMAC(key, hashes.SM3())


class Sealer:
    """Seals and opens values of one field with keys prepared once; make one for each batch."""

    def __init__(self, field):
        if settings.FIELD_CIPHER not in ALGORITHMS:
            raise SealError(f"加密算法 {settings.FIELD_CIPHER!r} 不认识，只能是 sm4 或 aes。")
        if not settings.FIELD_KEYS:
            raise SealError("没有配置字段加密密钥，不能保存证件号、账号和电话。请系统管理员检查密钥配置。")
        self.field = field
        self.name = field.encode()
        self.keys = settings.FIELD_KEYS
        self.key_id = max(self.keys)
        self.head = bytes([VERSION << 4 | ALGORITHMS[settings.FIELD_CIPHER], self.key_id])
        self.cipher = _block_cipher(self.keys[self.key_id], ALGORITHMS[settings.FIELD_CIPHER])

    def seal(self, text):
        """Ciphertext of a text; None for None and "", so that "no number" stays visible to SQL as NULL."""
        return self.seal_bytes(text.encode()) if text else None

    def seal_bytes(self, content):
        nonce = os.urandom(NONCE_LENGTH)
        encryptor = Cipher(self.cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(self.head + self.name)
        return b"".join((self.head, nonce, encryptor.update(content), encryptor.finalize(), encryptor.tag))

    def unseal(self, value):
        """The text of a sealed value, "" for NULL. SealError when the key, the field or the bytes are not the ones it was sealed with."""
        return "" if value is None else self.unseal_bytes(value).decode()

    def unseal_bytes(self, value):
        value = bytes(value)
        head, nonce, body, tag = self._parts(value)
        decryptor = Cipher(self._cipher_of(head), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(head + self.name)
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag:
            raise SealError(
                f"字段 {self.field} 的一个加密值打不开：密钥不对，或者内容被改动、被挪到了别的字段。请系统管理员核对密钥 {head[1]} 号。"
            ) from None

    def is_current(self, value):
        """True when the value is under the active key and algorithm, so that rotation can pass over it."""
        return bytes(value[:HEAD_LENGTH]) == self.head

    def _parts(self, value):
        if len(value) < HEAD_LENGTH + NONCE_LENGTH + TAG_LENGTH:
            raise SealError(f"字段 {self.field} 的一个加密值不完整：只有 {len(value)} 个字节。请从备份恢复这一条。")
        start = HEAD_LENGTH + NONCE_LENGTH
        return value[:HEAD_LENGTH], value[HEAD_LENGTH:start], value[start:-TAG_LENGTH], value[-TAG_LENGTH:]

    def _cipher_of(self, head):
        if head == self.head:
            return self.cipher
        version, algorithm = divmod(head[0], 16)
        if version != VERSION or algorithm not in ALGORITHMS.values():
            raise SealError(f"字段 {self.field} 的一个加密值不是本系统写的格式（开头 {head.hex()}）。")
        if head[1] not in self.keys:
            raise SealError(f"字段 {self.field} 的一个加密值用的是 {head[1]} 号密钥，现有密钥里没有它。请系统管理员补上这把旧密钥。")
        return _block_cipher(self.keys[head[1]], algorithm)


class Indexer:
    """Blind index of one purpose: 32 bytes HMAC-SM3, equal for equal text, useless without INDEX_KEY."""

    def __init__(self, field):
        if not settings.INDEX_KEY:
            raise SealError("没有配置索引密钥，不能按证件号查找。请系统管理员检查密钥配置。")
        self.base = _index_base(bytes(settings.INDEX_KEY), field)

    def index(self, value):
        """None for None and "": two missing numbers are not the same number. The caller normalises (upper-case X, no spaces)."""
        if not value:
            return None
        digest = self.base.copy()
        digest.update(value.encode())
        return digest.finalize()


def seal(text, field):
    return Sealer(field).seal(text)


def unseal(value, field):
    return Sealer(field).unseal(value)


def seal_bytes(content, field):
    """A whole file or raw row sealed; an empty one too, unlike `seal`."""
    return Sealer(field).seal_bytes(content)


def unseal_bytes(value, field):
    return Sealer(field).unseal_bytes(value)


def rotate(value, field):
    """The same content under the active key and algorithm; NULL and already current values come back as they are."""
    sealer = Sealer(field)
    if value is None or sealer.is_current(value):
        return value
    return sealer.seal_bytes(sealer.unseal_bytes(value))


def active_head():
    """The first two bytes of a value under the active key and algorithm, for SQL to compare with."""
    return Sealer("").head


def blind_index(value, field):
    return Indexer(field).index(value)


def last_four_index(value, field="person.id_number"):
    """Index of the last four characters, under a key of its own: in clear, with birth date and region, they would be the number."""
    return LastFourIndexer(field).index(value)


class LastFourIndexer(Indexer):
    """Accepts a whole number or only its last four; shorter input has no index."""

    def __init__(self, field="person.id_number"):
        super().__init__(field + ":last_four")

    def index(self, value):
        return super().index(value[-4:].upper()) if value and len(value) >= 4 else None


def mask(number):
    """First and last character kept, the rest starred (design.md §3); one or two characters are starred wholly."""
    number = number or ""
    if len(number) <= 2:
        return "*" * len(number)
    return number[0] + "*" * (len(number) - 2) + number[-1]


def mask_account(number):
    """Bank accounts are told apart by their last four digits."""
    number = number or ""
    if len(number) <= 8:
        return mask(number)
    return "*" * (len(number) - 4) + number[-4:]


def mask_phone(number):
    """Mobile numbers as 138****5678, others like `mask`."""
    number = number or ""
    if len(number) != 11:
        return mask(number)
    return number[:3] + "****" + number[-4:]


def mask_address(text):
    """As much as a list may show of an address: its first six characters, which name the town."""
    text = text or ""
    return text if len(text) <= 6 else f"{text[:6]}……"


class SealedTextField(models.Field):
    """Text in Python, sealed bytes in the database. `field` is the logical name bound into each value.

    Empty text is stored as NULL, hence always nullable. It can only be searched for being there: equality goes through
    a blind index column beside it.
    """

    description = "Sealed text"

    def __init__(self, *args, field, **kwargs):
        self.sealed_as = field
        super().__init__(*args, **kwargs | {"null": True, "blank": kwargs.get("blank", True)})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"field": self.sealed_as}

    def get_internal_type(self):
        return "BinaryField"

    def get_default(self):
        return super().get_default() or ""

    def from_db_value(self, value, expression, connection):
        return Sealer(self.sealed_as).unseal(value)

    def to_python(self, value):
        if isinstance(value, str) and value.startswith(SEALED_PREFIX):
            return Sealer(self.sealed_as).unseal(base64.b64decode(value.removeprefix(SEALED_PREFIX)))
        return "" if value is None else str(value)

    def get_db_prep_value(self, value, connection, prepared=False):
        if isinstance(value, str):
            value = Sealer(self.sealed_as).seal(value)
        return None if value is None else connection.Database.Binary(value)

    def value_to_string(self, obj):
        """Fixtures carry the sealed form, so that a dump is no way around the encryption."""
        sealed = Sealer(self.sealed_as).seal(self.value_from_object(obj))
        return "" if sealed is None else SEALED_PREFIX + base64.b64encode(sealed).decode()

    def get_lookup(self, lookup_name):
        """Only `isnull`: the nonce makes two sealings of one text differ, so equality would silently find nothing. The history triggers
        ask whether the stored bytes are distinct from the old ones (df, ndf), which is no search."""
        if lookup_name not in ("isnull", "df", "ndf"):
            raise FieldError(f"{self.name} is sealed: it has no lookup {lookup_name!r}, use isnull or its blind index.")
        return super().get_lookup(lookup_name)


class SealedBytesField(models.BinaryField):
    """Bytes that the code seals and opens itself, by `seal_bytes` and `unseal_bytes` under the name `field`: said here so that the rotation
    of keys finds the column. In migrations it is a plain BinaryField: what is stored is the same."""

    def __init__(self, *args, field, **kwargs):
        self.sealed_as = field
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs

    def clone(self):
        return type(self)(*self.deconstruct()[2], field=self.sealed_as, **self.deconstruct()[3])
