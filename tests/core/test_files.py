"""Stored files: sealed on disk, one copy for one content, and a loss is said."""

import pytest

from core import files
from core.models import Attachment


@pytest.fixture
def root(settings, tmp_path, db):
    settings.FILES_ROOT = tmp_path
    return tmp_path


def on_disk(root):
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_was_stored_comes_back(root):
    kept = files.store("东小明,99010120100301123".encode(), "名单.csv", "text/csv", None)
    assert files.read(kept).decode() == "东小明,99010120100301123"
    assert (kept.size, kept.name, kept.media_type) == (len(files.read(kept)), "名单.csv", "text/csv")


def test_the_disk_holds_no_plain_content(root):
    files.store(b"99010120100301123X" * 50, "list.csv", "text/csv", None)
    (path,) = on_disk(root)
    assert b"99010120100301123" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_one_content_is_one_copy_with_two_rows(root):
    first, second = (files.store(b"same", name, "text/plain", None) for name in ("a.txt", "b.txt"))
    assert first.sha256 == second.sha256
    assert len(on_disk(root)) == 1
    assert Attachment.objects.count() == 2


def test_a_path_is_read(root, tmp_path):
    source = tmp_path / "in.bin"
    source.write_bytes(b"content")
    assert files.read(files.store(source, "in.bin", "application/octet-stream", None)) == b"content"


@pytest.mark.parametrize(
    ("given", "kept"), [("../../etc/passwd", "passwd"), ("C:\\scans\\月报.pdf", "月报.pdf"), ("a" * 300 + ".pdf", 200), ("..", "file")]
)
def test_a_name_is_only_a_name(root, given, kept):
    name = files.store(b"x", given, "application/pdf", None).name
    assert name == kept if isinstance(kept, str) else (len(name) == kept and name.endswith(".pdf"))


def test_a_lost_copy_is_a_sentence(root):
    kept = files.store(b"x", "证明.pdf", "application/pdf", None)
    on_disk(root)[0].unlink()
    with pytest.raises(files.FileLost, match=r"证明\.pdf"):
        files.read(kept)


def test_another_content_in_its_place_is_noticed(root):
    kept, other = files.store(b"x", "a.pdf", "application/pdf", None), files.store(b"y", "b.pdf", "application/pdf", None)
    first, second = ([path for path in on_disk(root) if path.name == row.sha256][0] for row in (kept, other))
    first.write_bytes(second.read_bytes())
    with pytest.raises(files.FileLost, match="不一致"):
        files.read(kept)
