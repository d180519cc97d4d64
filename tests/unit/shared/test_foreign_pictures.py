"""Pictures of strangers drawn by the child's program: upright, whatever stands beside them."""

import io

import pytest
from PIL import Image

from shared.web import foreign_child

BLACK = 40


def drawn(octets: bytes, turn: int = 0) -> Image.Image:
    request = {
        "do": "page", "number": 1, "width": 120, "height": 160, "most_pixels": 10**6, "turn": turn,
    }  # fmt: skip
    number, png = foreign_child.answer(request, octets)
    assert number == 1
    return Image.open(io.BytesIO(png))


def a_photo(kind: str = "JPEG", mode: str = "RGB", **more: object) -> bytes:
    """400 × 300, its upper left corner black."""
    photo, out = Image.new("L", (400, 300), 255), io.BytesIO()
    photo.paste(0, (0, 0, 120, 90))
    photo.convert(mode).save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("beside", [b"Exif\0\0garbage", b"Exif"])
def test_a_photo_with_nonsense_beside_it_is_drawn(beside: bytes) -> None:
    plain = a_photo()
    odd = plain[:2] + b"\xff\xe1" + (len(beside) + 2).to_bytes(2, "big") + beside + plain[2:]
    assert drawn(odd).size == (120, 90)


@pytest.mark.parametrize("tag", [0x8298, 0x9286])
def test_an_odd_word_of_a_camera_spoils_no_picture(tag: int) -> None:
    said = Image.Exif()
    said[0x0112] = 6
    said[tag] = 3
    assert drawn(a_photo(exif=said.tobytes())).size == (120, 160)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
@pytest.mark.parametrize(
    ("orientation", "turn", "size", "ink"),
    [
        (1, 0, (120, 90), (5, 5)),
        (3, 0, (120, 90), (114, 84)),
        (6, 0, (120, 160), (114, 5)),
        (8, 0, (120, 160), (5, 154)),
        (6, 90, (120, 90), (114, 84)),
    ],
)
def test_a_photo_stands_as_it_was_held(
    kind: str, orientation: int, turn: int, size: tuple[int, int], ink: tuple[int, int]
) -> None:
    said = Image.Exif()
    said[0x0112] = orientation
    shown = drawn(a_photo(kind, exif=said), turn).convert("L")
    assert shown.size == size
    assert [shown.getpixel(ink), shown.getpixel((60, 45))] == [
        pytest.approx(0, abs=BLACK),
        pytest.approx(255, abs=BLACK),
    ]


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_scans_without_colours_are_drawn_in_greys_between(mode: str) -> None:
    assert drawn(a_photo("TIFF", mode)).size == (120, 90)
