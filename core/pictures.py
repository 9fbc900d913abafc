"""Photos from telephones: decoded, turned upright, made small and written anew, so that nothing of the original file remains.

A photo of a home visit carries the place of a child's home in its metadata, and an upload may be two files in one
(reliability.md §5.6, threat T17). Only the re-encoded picture is ever stored.
"""

import io
import warnings

from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

LONGEST_SIDE = 2000
QUALITY = 85
# a JPEG is decoded at a fraction of its size, the others are unpacked whole
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
MOST_BYTES = 20 * 1024 * 1024
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1", b"avif")

# beyond this Pillow only warns by default, and takes 700 MB for a file of 140 KB
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())
warnings.simplefilter("error", Image.DecompressionBombWarning)
ImageFile.LOAD_TRUNCATED_IMAGES = False


class PictureRefused(Exception):
    """A file that is not taken as a photo; the message says what it is and what to do."""


def clean_photo(content, name="照片"):
    """JPEG bytes without any metadata of an uploaded photo (bytes or binary file), upright, at most 2000 px long, on white."""
    content = content if isinstance(content, bytes) else content.read(MOST_BYTES + 1)
    _refuse_by_content(content, name)
    try:
        with Image.open(io.BytesIO(content), formats=tuple(MOST_PIXELS)) as picture:
            return _encoded(_upright(picture, name))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(_too_many_pixels(name, Image.MAX_IMAGE_PIXELS)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureRefused(f"《{name}》不是完整的 JPEG、PNG 或 WebP 图片，打不开。请重新拍照或换一张再传。") from error


def _refuse_by_content(content, name):
    if not content:
        raise PictureRefused(f"《{name}》是空文件。请重新拍照或换一张再传。")
    if len(content) > MOST_BYTES:
        raise PictureRefused(f"《{name}》超过 {MOST_BYTES // 1024 // 1024} MB。请在手机相机设置里降低照片大小，或发送到微信后另存再传。")
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise PictureRefused(f"《{name}》是 HEIC 照片，本系统打不开。请在手机“设置 → 相机 → 格式”选“兼容性最佳”，或另存为 JPEG 再传。")


def _too_many_pixels(name, most):
    return f"《{name}》的像素超过上限 {most // 10000} 万。请在手机相机设置里降低照片大小，重拍或另存后再传。"


def _upright(picture, name):
    """Decoded, small, upright and in sRGB; the size is checked before the pixels are unpacked."""
    most = MOST_PIXELS[picture.format]
    if picture.width * picture.height > most:
        raise PictureRefused(_too_many_pixels(name, most))
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = _plain(ImageOps.exif_transpose(picture))
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return upright


def _plain(picture):
    """RGB on white, colours of a foreign profile converted, since the profile itself is dropped."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
        return flat
    plain = picture.convert("RGB")
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"))
        except (ImageCms.PyCMSError, OSError):
            return plain  # a broken profile: the colours as they are
    return plain


def _encoded(picture):
    """Only pixels are carried over: a fresh image has no EXIF, XMP, profile, comment or tail."""
    fresh = Image.new("RGB", picture.size)
    fresh.paste(picture)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
