import pytest
from django.core.exceptions import FieldError
from django.db import connection

from core import crypto

NUMBER = "99010120090230001X"
FIELD = "person.id_number"


@pytest.fixture(autouse=True)
def keys(settings):
    settings.FIELD_KEYS = {1: b"1" * 32, 2: b"2" * 32}
    settings.INDEX_KEY = b"i" * 32
    settings.FIELD_CIPHER = "sm4"
    return settings


@pytest.mark.parametrize(("cipher", "head"), [("sm4", b"\x11\x02"), ("aes", b"\x12\x02")])
def test_what_was_sealed_opens_again_and_tells_its_algorithm_and_key(keys, cipher, head):
    keys.FIELD_CIPHER = cipher
    value = crypto.seal(NUMBER, FIELD)
    assert value[:2] == head
    assert NUMBER.encode() not in value
    assert crypto.unseal(memoryview(value), FIELD) == NUMBER


def test_two_sealings_of_one_text_differ():
    assert crypto.seal(NUMBER, FIELD) != crypto.seal(NUMBER, FIELD)


@pytest.mark.parametrize("empty", ["", None])
def test_nothing_is_stored_as_null_and_read_as_empty(empty):
    assert crypto.seal(empty, FIELD) is None
    assert crypto.unseal(None, FIELD) == ""
    assert crypto.blind_index(empty, FIELD) is None


def test_a_value_moved_to_another_field_does_not_open():
    with pytest.raises(crypto.SealError, match="挪到了别的字段"):
        crypto.unseal(crypto.seal(NUMBER, FIELD), "person.phone")


@pytest.mark.parametrize("place", [0, 1, 5, 20, -1])
def test_a_changed_byte_does_not_open(place):
    value = bytearray(crypto.seal(NUMBER, FIELD))
    value[place] ^= 1
    with pytest.raises(crypto.SealError):
        crypto.unseal(bytes(value), FIELD)


def test_a_wrong_key_and_a_missing_key_say_so(keys):
    value = crypto.seal(NUMBER, FIELD)
    keys.FIELD_KEYS = {2: b"x" * 32}
    with pytest.raises(crypto.SealError, match="密钥不对"):
        crypto.unseal(value, FIELD)
    keys.FIELD_KEYS = {3: b"3" * 32}
    with pytest.raises(crypto.SealError, match="2 号密钥"):
        crypto.unseal(value, FIELD)


def test_a_torn_value_says_how_long_it_is():
    with pytest.raises(crypto.SealError, match="只有 9 个字节"):
        crypto.unseal(crypto.seal(NUMBER, FIELD)[:9], FIELD)


def test_rotation_moves_old_values_to_the_active_key_and_leaves_current_ones(keys):
    old = crypto.seal(NUMBER, FIELD)
    keys.FIELD_KEYS = keys.FIELD_KEYS | {3: b"3" * 32}
    keys.FIELD_CIPHER = "aes"
    fresh = crypto.rotate(old, FIELD)
    assert fresh[:2] == b"\x12\x03"
    assert crypto.unseal(fresh, FIELD) == NUMBER
    assert crypto.unseal(old, FIELD) == NUMBER
    assert crypto.rotate(fresh, FIELD) is fresh
    assert crypto.rotate(None, FIELD) is None


def test_an_index_is_equal_for_equal_text_and_different_for_each_purpose_and_key(keys):
    first = crypto.blind_index(NUMBER, FIELD)
    assert len(first) == 32
    assert first == crypto.blind_index(NUMBER, FIELD)
    assert first != crypto.blind_index(NUMBER, "person.account")
    assert first != crypto.blind_index(NUMBER[:-1] + "1", FIELD)
    keys.INDEX_KEY = b"j" * 32
    assert first != crypto.blind_index(NUMBER, FIELD)


def test_the_last_four_find_the_whole_number():
    assert crypto.last_four_index(NUMBER) == crypto.last_four_index("001x")
    assert crypto.last_four_index("001X") != crypto.blind_index("001X", FIELD)
    assert crypto.last_four_index("01X") is None


def test_missing_keys_are_a_sentence(keys):
    keys.FIELD_KEYS = {}
    with pytest.raises(crypto.SealError, match="没有配置字段加密密钥"):
        crypto.seal(NUMBER, FIELD)
    keys.INDEX_KEY = b""
    with pytest.raises(crypto.SealError, match="没有配置索引密钥"):
        crypto.blind_index(NUMBER, FIELD)
    keys.FIELD_KEYS, keys.FIELD_CIPHER = {1: b"1" * 32}, "rot13"
    with pytest.raises(crypto.SealError, match="rot13"):
        crypto.seal(NUMBER, FIELD)


def test_whole_files_are_sealed_too():
    content = b"PK\x03\x04" + bytes(range(256)) * 100
    sealed = crypto.seal_bytes(content, "file.content")
    assert content[:40] not in sealed
    assert crypto.unseal_bytes(sealed, "file.content") == content
    assert crypto.unseal_bytes(crypto.seal_bytes(b"", "file.content"), "file.content") == b""


def test_masks():
    assert crypto.mask(NUMBER) == "9****************X"
    assert crypto.mask("12") == "**"
    assert crypto.mask(None) == ""
    assert crypto.mask_account("6222021234567890123") == "***************0123"
    assert crypto.mask_phone("13900001234") == "139****1234"
    assert crypto.mask_phone("0392-7220") == "0*******0"


def column():
    field = crypto.SealedTextField(field=FIELD)
    field.set_attributes_from_name("number")
    return field


def test_the_column_is_bytes_in_the_database_and_text_in_python():
    field = column()
    stored = bytes(field.get_db_prep_value(NUMBER, connection).adapted)
    assert field.get_internal_type() == "BinaryField"
    assert NUMBER.encode() not in stored
    assert field.from_db_value(memoryview(stored), None, connection) == NUMBER
    assert field.get_db_prep_value("", connection) is None
    assert field.from_db_value(None, None, connection) == ""


def test_the_column_is_rebuilt_by_migrations_with_its_field_name():
    _name, path, args, kwargs = column().deconstruct()
    assert (path, kwargs["field"], kwargs["null"]) == ("core.crypto.SealedTextField", FIELD, True)
    assert crypto.SealedTextField(*args, **kwargs).sealed_as == FIELD


def test_the_column_refuses_comparison():
    with pytest.raises(FieldError, match="blind index"):
        column().get_lookup("exact")
    assert column().get_lookup("isnull") is not None


def test_fixtures_carry_the_sealed_form():
    field = column()
    holder = type("Holder", (), {"number": NUMBER})()
    text = field.value_to_string(holder)
    assert NUMBER not in text
    assert field.to_python(text) == NUMBER
    assert field.to_python(NUMBER) == NUMBER
