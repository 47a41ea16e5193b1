"""What runs in the child process: a picture comes in by standard input, bare pixels go out as JPEG.

Started by `patrols.photos.picture` as a program of its own, without Django and under the limits set there: whatever a
hostile file does to a decoder ends with this process. Standard output is one line of JSON, then the bytes of the files
that the line lists. A refusal is a line too: {"refused": reason}.
"""

import io
import json
import math
import sys
import warnings
from datetime import datetime
from typing import IO, Any

from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 20_000
SIDES = {"full": 2560, "large": 1024, "small": 320}
PUBLIC_SIDES = {"public": 1024, "public_small": 320}
QUALITY = {"full": 85, "large": 80, "small": 75, "public": 80, "public_small": 75}
# A box is reduced to so few cells and shades that no letter of a plate and no feature of a face is left in it.
CELLS = 4
SHADES = 16
SRGB = ImageCms.createProfile("sRGB")
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
TAKEN, TAKEN_OFFSET, CHANGED, ORIENTATION = 0x9003, 0x9011, 0x0132, 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):  # noqa: N818 - a refusal with its reason, no error
    """The picture is not taken; the parent has a sentence for the reason."""


def kind_of(head: bytes) -> str:
    """Return the format that a file's first bytes tell, or "" for anything but the four that are taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return "HEIF"
    return ""


def opened(stream: IO[bytes]) -> Image.Image:
    """Return a picture of which only the header was read; raises Refused for what is not decoded."""
    kind = kind_of(stream.read(16))
    stream.seek(0)
    if not kind:
        raise Refused("kind")
    picture: Image.Image
    if kind == "JPEG":
        # Phones append a second picture (brightness, depth): the first is the one that was taken.
        picture = JpegImagePlugin.jpeg_factory(stream)
    elif kind == "PNG":
        picture = PngImagePlugin.PngImageFile(stream)
    elif kind == "WEBP":
        picture = WebPImagePlugin.WebPImageFile(stream)
    else:
        picture = _heif(stream)
    _check_size(picture)
    if kind in {"PNG", "WEBP"} and getattr(picture, "is_animated", False):
        raise Refused("moving")
    return picture


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS or max(picture.size) > LONGEST_SIDE:
        raise Refused("pixels")


def _heif(stream: IO[bytes]) -> Image.Image:
    import pi_heif
    from pi_heif.as_plugin import HeifImageFile

    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.THUMBNAILS = False
    picture: Image.Image = HeifImageFile(stream)
    return picture


def said_of(picture: Image.Image) -> dict[str, Any]:
    """Return when and where a picture says it was taken: local time with its offset if known, degrees in EPSG:4326."""
    try:
        exif = picture.getexif()
        inner, gps = exif.get_ifd(EXIF_IFD), exif.get_ifd(GPS_IFD)
        taken = _moment(inner.get(TAKEN) or exif.get(CHANGED), inner.get(TAKEN_OFFSET))
        lat, lon = _degrees(gps.get(2), gps.get(1), "S", 90), _degrees(gps.get(4), gps.get(3), "W", 180)
    except Exception:  # whatever is wrong with what a picture says of itself, the picture is none the worse
        return {}
    said: dict[str, Any] = {"taken_at": taken} if taken else {}
    if lat is not None and lon is not None and (lat, lon) != (0, 0):
        said |= {"lat": lat, "lon": lon}
    return said


def _moment(text: object, offset: object) -> str | None:
    if not isinstance(text, str):
        return None
    form, whole = "%Y:%m:%d %H:%M:%S", text.strip("\0 ")
    if isinstance(offset, str) and offset.strip("\0 "):
        form, whole = form + "%z", whole + offset.strip("\0 ")
    try:
        return datetime.strptime(whole, form).isoformat()
    except ValueError:
        return None


def _degrees(parts: Any, side: object, negative: str, most: int) -> float | None:
    if not parts or len(parts) != 3:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return round(-value if str(side).strip("\0 ") == negative else value, 7)


def pixels(picture: Image.Image) -> Image.Image:
    """Return a picture as sRGB pixels and nothing else, the right way up, transparency on white."""
    # A JPEG is decoded at a fraction of its size where that is still more than is kept.
    picture.draft("RGB", (SIDES["full"], SIDES["full"]))
    profile, turn = picture.info.get("icc_profile"), _turn(picture)
    picture.load()
    # HEIC tells its true size only now.
    _check_size(picture)
    # Smaller first: converting and turning 40 million pixels takes memory.
    plain = _on_white(_srgb(_reduced(_eight_bits(picture), SIDES["full"]), profile))
    return bare(plain if turn is None else plain.transpose(turn))


def _turn(picture: Image.Image) -> Image.Transpose | None:
    try:
        return TURNS.get(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # as above
        return None


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in {"P", "PA"} or "transparency" in picture.info:
        alpha = picture.mode == "PA" or "transparency" in picture.info
        return picture.convert("RGBA" if alpha else "RGB")
    return picture


def _reduced(picture: Image.Image, side: int) -> Image.Image:
    share = side / max(picture.size)
    if share >= 1:
        return picture
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and picture.mode in {"L", "RGB", "RGBA", "CMYK"}:
        try:
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a profile that cannot be read says nothing about the colours
        if converted is not None:
            return converted
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in {"LA", "La", "RGBA", "RGBa"}:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def bare(picture: Image.Image) -> Image.Image:
    """Return a new picture made of the pixels alone: no metadata can come along."""
    return Image.frombytes("RGB", picture.size, picture.tobytes())


def unrecognisable(picture: Image.Image, boxes: list[list[int]]) -> Image.Image:
    """Return a copy with each box (left, top, width, height in pixels) reduced to a few coarse cells."""
    copy = picture.copy()
    for left, top, width, height in boxes:
        box = (max(0, left), max(0, top), min(copy.width, left + width), min(copy.height, top + height))
        if box[0] >= box[2] or box[1] >= box[3]:
            continue
        part = copy.crop(box)
        share = CELLS / max(part.size)
        few = part.resize((max(1, round(part.width * share)), max(1, round(part.height * share))), Image.Resampling.BOX)
        few = few.point([value // SHADES * SHADES + SHADES // 2 for value in range(256)] * 3)
        copy.paste(few.resize(part.size, Image.Resampling.NEAREST), box)
    return copy


def files_of(picture: Image.Image, sides: dict[str, int]) -> dict[str, bytes]:
    """Return a picture as a JPEG of each size, long edges in pixels."""
    files = {}
    for name, side in sides.items():
        out = io.BytesIO()
        _reduced(picture, side).save(out, "JPEG", quality=QUALITY[name], optimize=True, progressive=True)
        files[name] = out.getvalue()
    return files


def work(order: dict[str, Any], stream: IO[bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Do what was ordered and return what to say, and the files."""
    picture = opened(stream)
    if order["do"] == "inspect":
        return {"width": picture.width, "height": picture.height, **said_of(picture)}, {}
    if order["do"] == "blur":
        return {}, files_of(unrecognisable(pixels(picture), order["boxes"]), PUBLIC_SIDES)
    said = said_of(picture)
    plain = pixels(picture)
    return {"width": plain.width, "height": plain.height, "taken_at": said.get("taken_at")}, files_of(plain, SIDES)


def main() -> None:
    """Answer one order."""
    warnings.simplefilter("ignore")
    # The cap above counts; Pillow's own would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        answer, files = work(json.loads(sys.argv[1]), sys.stdin.buffer)
    except Refused as refusal:
        answer, files = {"refused": str(refusal)}, {}
    except MemoryError:
        answer, files = {"refused": "memory"}, {}
    except Exception as error:  # a decoder may raise anything at a file that is none
        answer, files = {"refused": "broken", "error": f"{type(error).__name__}: {error}"[:300]}, {}
    answer["files"] = {name: len(data) for name, data in files.items()}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for data in files.values():
        sys.stdout.buffer.write(data)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
