"""Pictures: the numbers that tifffile and Pillow give, channels first unless they are wanted last."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from tests.files.arrays import same
from tests.subject import mode, ramba

tifffile = pytest.importorskip("tifffile")
Image = pytest.importorskip("PIL.Image")

STACK = numpy.arange(7 * 60 * 80, dtype="u2").reshape(7, 60, 80)
COLOURS = (numpy.arange(90 * 80 * 3) % 251).astype("u1").reshape(90, 80, 3)


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["default", "threads", "3 workers"])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"byteorder": ">"}, {"tile": (16, 16)}])
def test_stacks(name: str, options: dict[str, object], tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack", **options)
    with mode(name):
        d = ramba.Dataset(tmp_path / "a.tif")
        same(d[2:6:3, ::-2, 5:], STACK[2:6:3, ::-2, 5:])
        same(d[-1], STACK[-1])
        same(ramba.load(tmp_path / "a.tif"), STACK)


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["default", "threads", "3 workers"])
def test_channels(name: str, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tiff", COLOURS, photometric="rgb", compression="zlib")
    tifffile.imwrite(tmp_path / "s.tiff", numpy.stack([COLOURS] * 3), photometric="rgb")
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    Image.fromarray(COLOURS).save(tmp_path / "a.jpg")
    Image.fromarray(COLOURS[..., 0]).save(tmp_path / "grey.png")
    decoded = numpy.asarray(Image.open(tmp_path / "a.jpg"))
    with mode(name):
        for file, expected in (("a.tiff", COLOURS), ("a.png", COLOURS), ("a.jpg", decoded)):
            same(ramba.load(tmp_path / file), expected.transpose(2, 0, 1))
            same(ramba.load(tmp_path / file, channels="last"), expected)
            same(ramba.Dataset(tmp_path / file)[1:, ::-3, 7], expected.transpose(2, 0, 1)[1:, ::-3, 7])
        same(ramba.load(tmp_path / "s.tiff"), numpy.stack([COLOURS.transpose(2, 0, 1)] * 3))
        same(ramba.load(tmp_path / "grey.png"), COLOURS[..., 0])
    with pytest.raises(ValueError, match="channels must be"):
        ramba.load(tmp_path / "a.png", channels="middle")


def test_damaged_pictures(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged or truncated"):
        float(ramba.load(tmp_path / "a.png").sum())
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(OSError, match="cannot identify"):
        ramba.load(tmp_path / "b.png")


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Image.DecompressionBombError):
        ramba.load(tmp_path / "a.png")
