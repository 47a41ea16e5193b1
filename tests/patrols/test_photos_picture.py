"""Reading pictures in the child process: what goes in is anything, what comes out is bare pixels or one sentence."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils.translation import override
from PIL import Image, ImageCms

from grids.problems import BadInput
from patrols.photos import picture
from patrols.photos.jpeg import is_bare
from patrols.photos.picture import Rendered
from tests.patrols import pictures


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


RED, BLUE, WHITE = (200, 30, 30), (20, 60, 200), (255, 255, 255)


def file_of(data: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "picture"
    path.write_bytes(data)
    return path


def rendered(data: bytes, tmp_path: Path) -> Rendered:
    with file_of(data, tmp_path).open("rb") as stream:
        return picture.render(stream)


def full(data: bytes, tmp_path: Path) -> Image.Image:
    return Image.open(io.BytesIO(rendered(data, tmp_path).files["full"]))


def near(found: object, wanted: tuple[int, int, int], by: int = 14) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    "make",
    [
        pictures.photo,
        pictures.png_with_text,
        lambda: pictures.written(
            pictures.drawn(), "WEBP", exif=pictures.exif(), xmp=pictures.SECRET.encode(), quality=90
        ),
        pictures.heic,
    ],
    ids=["jpeg", "png", "webp", "heic"],
)
def test_nothing_but_the_pixels_comes_through(make: Callable[[], bytes], tmp_path: Path) -> None:
    done = rendered(make(), tmp_path)
    assert set(done.files) == {"full", "large", "small"}
    for data in done.files.values():
        assert is_bare(data)
        assert pictures.SECRET.encode() not in data
        image = Image.open(io.BytesIO(data))
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert near(image.getpixel((20, 50)), RED)
        assert near(image.getpixel((80, 50)), BLUE)


def test_sizes_are_bounded_by_their_long_edge(tmp_path: Path) -> None:
    done = rendered(pictures.photo(4000, 3000), tmp_path)
    sizes = {name: Image.open(io.BytesIO(data)).size for name, data in done.files.items()}
    assert sizes == {"full": (2560, 1920), "large": (1024, 768), "small": (320, 240)}
    assert (done.width, done.height) == (2560, 1920)


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    assert rendered(pictures.photo(40, 30), tmp_path).width == 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_phone_was_held(orientation: int, tmp_path: Path) -> None:
    """
    Upright, W marks the white corner:

        W R | B
        R R | B
    """
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose that undoes what the viewer will do
    upright = pictures.drawn()
    held = upright if orientation == 1 else upright.transpose(Image.Transpose(back[orientation]))
    data = pictures.written(held, exif=pictures.exif(orientation=orientation), quality=95)
    image = full(data, tmp_path)
    assert image.size == (96, 64)
    assert near(image.getpixel((5, 4)), WHITE, 30)
    assert near(image.getpixel((5, 58)), RED)
    assert near(image.getpixel((90, 4)), BLUE)


def test_colours_are_brought_to_srgb(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    broken = pictures.written(pictures.drawn(), icc_profile=lab[:60], quality=95)
    assert near(full(broken, tmp_path).getpixel((20, 50)), RED)


def test_four_colours_become_three(tmp_path: Path) -> None:
    image = full(pictures.written(pictures.drawn().convert("CMYK"), quality=95), tmp_path)
    assert image.mode == "RGB"
    assert near(image.getpixel((20, 50)), RED, 25)


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path: Path) -> None:
    image = full(pictures.png16(), tmp_path)
    assert near(image.getpixel((10, 30)), (0x20,) * 3)
    assert near(image.getpixel((50, 30)), (0xE0,) * 3)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    see_through = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    for form in ("PNG", "WEBP"):
        assert near(full(pictures.written(see_through, form), tmp_path).getpixel((20, 20)), WHITE)
    assert near(full(pictures.written(see_through.quantize(), "PNG"), tmp_path).getpixel((20, 20)), WHITE)


def test_a_second_picture_that_phones_append_is_left_out(tmp_path: Path) -> None:
    data = pictures.written(pictures.drawn(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64), "green")])
    assert near(full(data, tmp_path).getpixel((20, 50)), RED)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "400 megapixels in 48 KB": (pictures.png_bomb, "40"),
    "81 megapixels of HEIC in 19 KB": (pictures.heic_bomb, "40"),
    "a HEIC that lies about its size": (pictures.heic_liar, "damaged|40|decoder|memory"),
    "text named .jpg": (lambda: b"Dear Sir, " * 100, "JPEG"),
    "nothing at all": (lambda: b"", "JPEG"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG"),
    "GIF": (lambda: pictures.written(pictures.drawn(), "GIF"), "JPEG"),
    "TIFF": (lambda: pictures.written(pictures.drawn(), "TIFF"), "JPEG"),
    "a page that holds a picture": (lambda: b"<html><script>1</script>" + pictures.photo(), "JPEG"),
    "cut off": (lambda: pictures.photo(400, 300)[:-2000], "damaged"),
    "cut off PNG": (lambda: pictures.written(Image.effect_noise((200, 200), 90), "PNG")[:9000], "damaged"),
    "cut off WebP": (lambda: pictures.written(Image.effect_noise((200, 200), 90), "WEBP")[:4000], "damaged"),
    "cut off HEIC": (lambda: pictures.heic()[:500], "damaged"),
    "a header alone": (lambda: b"\xff\xd8\xff\xe0" + b"\0" * 40, "damaged"),
    "an animated PNG": (lambda: pictures.moving("PNG"), "still"),
    "an animated WebP": (lambda: pictures.moving("WEBP"), "still"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    with pytest.raises(BadInput, match=words) as refused:
        rendered(make(), tmp_path)
    assert str(refused.value).count("\n") == 0


def test_a_bomb_is_as_small_as_it_is_said_to_be() -> None:
    assert len(pictures.png_bomb()) < 64 << 10
    assert len(pictures.heic_bomb()) < 20 << 10


def test_of_a_polyglot_only_the_picture_is_left(tmp_path: Path) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    data = pictures.photo() + b"<script>alert(1)</script>" + zipped.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(data))
    for made in rendered(data, tmp_path).files.values():
        assert b"<script>" not in made
        assert b"PK\x03\x04" not in made
        assert not zipfile.is_zipfile(io.BytesIO(made))


def test_a_picture_says_where_and_when_it_was_taken(tmp_path: Path) -> None:
    for data in (pictures.photo(), pictures.photo()[: 60 << 10], pictures.png_with_text(), pictures.heic()):
        with file_of(data, tmp_path).open("rb") as stream:
            said = picture.inspect(stream)
        assert said.lat == pytest.approx(pictures.LAT, abs=1e-5)
        assert said.lon == pytest.approx(pictures.LON, abs=1e-5)
        assert said.taken == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)


def test_the_first_half_megabyte_of_a_photo_says_it_too(tmp_path: Path) -> None:
    noise = Image.effect_noise((2400, 1800), 90).convert("RGB")
    data = pictures.written(noise, exif=pictures.exif(), quality=90)
    assert len(data) > 512 << 10
    with file_of(data[: 512 << 10], tmp_path).open("rb") as stream:
        assert picture.inspect(stream).lat == pytest.approx(pictures.LAT, abs=1e-5)


def test_what_a_picture_says_is_not_believed_when_it_cannot_be(tmp_path: Path) -> None:
    nowhere = pictures.written(pictures.drawn(), exif=pictures.exif(lat=0, lon=0, offset="nonsense"))
    garbage = pictures.written(pictures.drawn(), exif=b"Exif\0\0garbage")
    for data in (nowhere, garbage):
        with file_of(data, tmp_path).open("rb") as stream:
            said = picture.inspect(stream)
        assert (said.lat, said.lon, said.taken) == (None, None, None)
        assert near(full(data, tmp_path).getpixel((20, 50)), RED)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "WALL_SECONDS", 0.01)
    with pytest.raises(BadInput, match="too long"):
        rendered(pictures.photo(), tmp_path)


def test_a_child_that_wants_too_much_memory_is_refused_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MEMORY_BYTES", 150 << 20)
    big = pictures.written(Image.new("RGBA", (7000, 5500)), "WEBP")
    with pytest.raises(BadInput):
        rendered(big, tmp_path)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_forty_megapixels_fit_into_the_memory(form: str, tmp_path: Path) -> None:
    picture_of_40 = Image.new("RGB" if form == "JPEG" else "RGBA", (7300, 5475), (120, 130, 140))
    assert rendered(pictures.written(picture_of_40, form), tmp_path).width == 2560


def test_a_child_that_leaves_something_in_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failure to strip is failure to store: a child that hands back what it got gets nothing stored."""
    careless = tmp_path / "child.py"
    careless.write_text(
        "import sys, json\ndata = sys.stdin.buffer.read()\n"
        "line = json.dumps({'width': 1, 'height': 1, 'files': {'full': len(data)}})\n"
        "sys.stdout.buffer.write(line.encode() + b'\\n' + data)\n"
    )
    monkeypatch.setattr(picture, "CHILD", careless)
    with pytest.raises(BadInput, match="not stored"):
        rendered(pictures.photo(), tmp_path)


def test_a_child_that_crashes_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = tmp_path / "child.py"
    crash.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(picture, "CHILD", crash)
    with pytest.raises(BadInput, match="crash"):
        rendered(pictures.photo(), tmp_path)


def test_boxes_become_unrecognisable(tmp_path: Path) -> None:
    """
    A box over fine stripes on the left; the right half stays as it is.

        |||||[  box  ]|||| plain
    """
    striped = Image.new("RGB", (400, 200), (240, 240, 240))
    for x in range(0, 200, 2):
        striped.paste((10, 10, 10), (x, 0, x + 1, 200))
    with file_of(pictures.written(striped, quality=95), tmp_path).open("rb") as stream:
        made = picture.blur(stream, [[20, 20, 160, 160]])
    assert set(made) == {"public", "public_small"}
    image = Image.open(io.BytesIO(made["public"])).convert("L")
    row = image.crop((30, 100, 170, 101)).tobytes()
    assert len({value // 8 for value in row}) <= 4
    beside = image.crop((30, 10, 60, 11)).tobytes()
    assert max(beside) - min(beside) > 80
    assert all(is_bare(data) for data in made.values())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b"tail",
        lambda data: data[:2] + b"\xff\xe1\x00\x10Exif\0\0" + b"\0" * 8 + data[2:],
        lambda data: data[:2] + b"\xff\xfe\x00\x08secret" + data[2:],
        lambda data: data[:-2],
        lambda data: b"GIF89a" + data,
        lambda data: b"",
    ],
    ids=["tail", "exif", "comment", "no end", "prefix", "nothing"],
)
def test_what_is_not_bare_is_told_apart(spoil: Callable[[bytes], bytes]) -> None:
    plain = pictures.written(pictures.drawn(), progressive=True)
    assert is_bare(plain)
    assert is_bare(pictures.written(pictures.drawn()))
    assert not is_bare(spoil(plain))
