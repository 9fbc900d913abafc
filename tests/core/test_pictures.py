import io

import pytest
from PIL import Image, ImageCms

from core.pictures import LONGEST_SIDE, PictureRefused, clean_photo

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def photo(size=(60, 40), form="JPEG", mode="RGB", color=(200, 30, 30), **options):
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, form, **options)
    return out.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.fixture
def with_place():
    exif = Image.Exif()
    exif[MAKER] = "PhoneMaker-77"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (35.0, 36.0, 12.0), 3: "E", 4: (114.0, 12.0, 1.0)})
    return photo(exif=exif, comment=b"private-remark")


def test_the_place_of_a_childs_home_is_gone(with_place):
    assert opened(with_place).getexif().get_ifd(GPS)[1] == "N"
    clean = clean_photo(with_place)
    picture = opened(clean)
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"PhoneMaker" not in clean
    assert b"private-remark" not in clean


def test_the_picture_stands_upright(with_place):
    assert opened(with_place).size == (60, 40)
    assert opened(clean_photo(with_place)).size == (40, 60)


def test_a_tail_behind_the_picture_is_dropped():
    assert b"<script>" not in clean_photo(photo() + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("size", "expected"), [((5000, 2500), (LONGEST_SIDE, 1000)), ((1000, 4000), (500, LONGEST_SIDE)), ((300, 200), (300, 200))]
)
def test_large_pictures_become_small_and_small_ones_stay(size, expected):
    assert opened(clean_photo(photo(size))).size == expected


@pytest.mark.parametrize(
    ("form", "mode", "color"), [("PNG", "RGB", (9, 9, 200)), ("PNG", "P", 3), ("PNG", "L", 90), ("WEBP", "RGB", (9, 200, 9))]
)
def test_other_formats_become_jpeg(form, mode, color):
    picture = opened(clean_photo(io.BytesIO(photo(form=form, mode=mode, color=color))))
    assert (picture.format, picture.mode) == ("JPEG", "RGB")


def test_transparency_becomes_white_paper():
    picture = opened(clean_photo(photo(form="PNG", mode="RGBA", color=(0, 0, 0, 0))))
    assert min(picture.getpixel((5, 5))) > 250


def test_a_colour_profile_is_applied_and_not_kept():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = opened(clean_photo(photo(icc_profile=profile)))
    assert "icc_profile" not in picture.info
    assert picture.getpixel((5, 5))[0] > 180
    assert opened(clean_photo(photo(icc_profile=b"broken" * 50))).size == (60, 40)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空文件"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
        (b"<html></html>", "不是完整的"),
        (photo()[:300], "不是完整的"),
        (photo(form="GIF", mode="P", color=1), "不是完整的"),
        (photo(form="BMP"), "不是完整的"),
        (bytes(21 * 1024 * 1024), "超过 20 MB"),
    ],
)
def test_refusals_say_what_it_is_and_what_to_do(content, sentence):
    with pytest.raises(PictureRefused, match=sentence) as refusal:
        clean_photo(content, "家访.jpg")
    assert "家访.jpg" in str(refusal.value)


@pytest.mark.parametrize("size", [(5100, 5000), (8000, 8000), (12000, 12000)])
def test_a_small_file_with_too_many_pixels_is_refused_unopened(size):
    bomb = photo(size, "PNG", "1", 0)
    assert len(bomb) < 100_000
    with pytest.raises(PictureRefused, match="像素超过上限"):
        clean_photo(bomb)
