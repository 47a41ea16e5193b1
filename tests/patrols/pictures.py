"""Pictures for tests: drawn here, with and without what cameras write into them."""

import base64
import gzip
import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

LAT, LON = 40.8214, 111.6718
TAKEN = "2026:03:01 08:30:00"
SECRET = "secret-of-the-camera"
# Written with libheif 1.23.6 and x265: 96 × 64 pixels, red left and blue right, taken at LAT and LON.
_HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAZdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRp"
    "bG9jAAAAAERAAAIAAQAAAAABuwABAAAAAAAAAEsAAgAAAAACBgABAAAAAAAAAOIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA"
    "/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMA"
    "yAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAX"
    "aXBtYQAAAAAAAAABAAEEgQIDBAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAABNW1kYXQAAABHKAGvWAiXAOkl//8rXf/1H+Q+UAw6"
    "N3/cHhfZ5s/2MERZYmO2aSIhPdAD+hlhyXH4B9ehJZ0DWwR9zHNLpYSJ4k7Kls0ousAAAAAGRXhpZgAATU0AKgAAAAgAAwEQAAIAAAAG"
    "AAAAModpAAQAAAABAAAAOIglAAQAAAABAAAAcgAAAABQaG9uZQAAApADAAIAAAAUAAAAVpARAAIAAAAHAAAAagAAAAAyMDI2OjAzOjAx"
    "IDA4OjMwOjAwACswODowMAAAAAQAAQACAAAAAk4AAAAAAgAFAAAAAwAAAKgAAwACAAAAAkUAAAAABAAFAAAAAwAAAMAAAAAAAAAAKAAA"
    "AAEAAAAxAAAAAQAAAaoAAAAZAAAAbwAAAAEAAAAoAAAAAQAAAc4AAAAZ"
)
# 9,000 × 9,000 grey pixels in 19 KB, zipped.
_HEIC_BOMB = (
    "H4sICCsQAmsCA2JvbWIuaGVpYwDt1j9oU0EcB/DfvdemiSa1RW0cihhbJUuHbkVEHjUV7ehUJ319TchBXnKkqUYpkoKgIEKpi4hDGhzc"
    "1EnbKV3FqZOLkA46dwxqqXcv0aHgfD/h+8sl9+/3kk9+CZcQ0Xihdl8V8zIgHaEsTJtxKP0CkVgI8zWfepEpLpWq/TEpGdToSJyXpUr0"
    "JDmPhL7pEKu9nmj+sn6YkLJciKZm9bSe5J3+rHg3mDbDYSVr4d+UL1JVle63pAoqun+g064K1yytR0m7+/TroNslOuHe0Vec8URSHB6a"
    "BNdkuKbtbjuerzenZoU4stOkazcp/ulW+fXGy++dTLPdIEo2zNajRX3FUE7sVN8tevqFTgaVUrUclOp6OUUxnUOn5LLK997dRLZ3pxEl"
    "69KsuPF4XHdpqcI/BdQ1GVhz3AFdjFy45Ov6zc9kxdvBkdHWZKuV2dvb3PQzUZzr2IwDkbrx8/bOlXTCbV+cm+3XymK71Gmt/Th7Yatu"
    "n/Km8Xzs2759B31oPGagcMnZYMHQ9WDhGFUsGM9YVEN8ZaCIjTNAJBgcXZReZ4CYajJAzLUZIO55DBDvGRwUIs3A8JSBgcFx6Ty0b3DH"
    "GBi27RsGJ+0bOPx6xj7bNwytMjC8sm9IFO0bjj1hUAcGf+iSM/YNxxl8H1LXGXwWCwzqkIUhMryAwbThLgwwwADDPwwfYYABBhhggAEG"
    "GGCAAQYYYIABBhhggAEGGGCAAQYYYIABBhhggAEGGGCAAQYYYIABBhhggAEGGGCAAQYY+Br+77bS/g0AlmV0uEsAAA=="
)


def degrees(value: float) -> tuple[Any, Any, Any]:
    """Return degrees, minutes and seconds as cameras write them."""
    whole, rest = divmod(value, 1)
    minutes, rest = divmod(rest * 60, 1)
    return IFDRational(int(whole)), IFDRational(int(minutes)), IFDRational(round(rest * 60_000), 1000)


def exif(*, lat: float = LAT, lon: float = LON, orientation: int = 1, offset: str = "+08:00") -> bytes:
    """Return what a camera writes: its name, place, time and how it was held."""
    data = Image.Exif()
    data[0x010F], data[0x0112] = SECRET, orientation
    data[0x8769] = {0x9003: TAKEN, **({0x9011: offset} if offset else {})}
    data[0x8825] = {1: "N", 2: degrees(lat), 3: "E", 4: degrees(lon)}
    return data.tobytes()


def drawn(width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture that is red on its left and blue on its right, with a white corner at the top left."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 2, 0, width, height), fill=(20, 60, 200))
    draw.rectangle((0, 0, width // 6, height // 6), fill="white")
    return picture


def written(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """Return the bytes of a picture."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def photo(width: int = 96, height: int = 64, **more: Any) -> bytes:
    """Return a JPEG as a phone writes it, with EXIF, XMP, a colour profile, and a comment."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = f"<x:xmpmeta><dc:creator>{SECRET}</dc:creator></x:xmpmeta>".encode()
    return written(
        drawn(width, height), exif=exif(**more), xmp=xmp, icc_profile=profile, comment=SECRET.encode(), quality=90
    )


def png_with_text() -> bytes:
    """Return a PNG that carries EXIF and text."""
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", SECRET)
    notes.add_text("Comment", SECRET)
    return written(drawn(), "PNG", exif=exif(), pnginfo=notes)


def png_bomb(side: int = 20_000) -> bytes:
    """Return a PNG of side × side black pixels in some 48 KB."""
    row = zlib.compressobj(9)
    data = b"".join(row.compress(b"\0" * (1 + (side + 7) // 8)) for _ in range(side)) + row.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png16(width: int = 64, height: int = 64) -> bytes:
    """Return a grey PNG of 16 bits a pixel: dark left, light right."""
    half = struct.pack(">H", 0x2000) * (width // 2) + struct.pack(">H", 0xE000) * (width // 2)
    header = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    data = zlib.compress((b"\0" + half) * height)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def moving(form: str) -> bytes:
    """Return a picture of two frames."""
    return written(drawn(), form, save_all=True, append_images=[drawn().rotate(180)], duration=100)


def heic() -> bytes:
    """Return a HEIC with EXIF."""
    return base64.b64decode(_HEIC)


def heic_bomb() -> bytes:
    """Return a HEIC of 81 megapixels in 19 KB."""
    return gzip.decompress(base64.b64decode(_HEIC_BOMB))


def heic_liar() -> bytes:
    """Return the same bomb with a header that says 64 × 64."""
    honest, lie = struct.pack(">II", 9000, 9000), struct.pack(">II", 64, 64)
    bomb = heic_bomb()
    assert honest in bomb
    return bomb.replace(honest, lie)
