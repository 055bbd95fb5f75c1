"""Image files in, patterns out; hostile and odd ones too; exports back out."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from lyapstudio.core.errors import UserError
from lyapstudio.document import disk, export, images
from lyapstudio.document.images import ImageOptions, open_image, otsu, read_image, to_pattern

RAMP = np.tile(np.arange(0, 256, 4, np.uint8), (48, 1))  # 48 x 64


def saved(path, image, **more):
    image.save(path, **more)
    return path


@pytest.mark.parametrize("suffix", images.SUFFIXES)
def test_every_format(tmp_path, suffix):
    more = {"lossless": True} if suffix == ".webp" else {}
    path = saved(tmp_path / f"ramp{suffix}", Image.fromarray(RAMP), **more)
    picture = open_image(path)
    assert picture.name == "ramp"
    assert picture.note == ""
    assert picture.grey.shape == (48, 64)
    assert np.abs(picture.grey - RAMP / 255).max() < 0.02
    assert np.array_equal(read_image(path.read_bytes()), picture.grey)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "I", "F", "CMYK"]
)
def test_every_mode(tmp_path, mode):
    suffix = {"PA": "png", "I": "tif", "F": "tif", "CMYK": "jpg"}.get(mode, "png")
    if mode == "I;16":
        image = Image.fromarray(RAMP.astype(np.uint16) * 257)
    elif mode in "IF":
        scaled = RAMP.astype(np.int32) * 257 if mode == "I" else RAMP.astype(np.float32) / 255
        image = Image.fromarray(scaled)
    else:
        image = Image.fromarray(RAMP).convert("L" if mode == "PA" else mode)
    grey = read_image(saved(tmp_path / f"a.{suffix}", image))
    assert grey.min() >= 0
    assert grey.max() <= 1
    limit = 1.0 if mode == "1" else 0.03
    assert np.abs(grey - RAMP / 255).max() <= limit


def test_transparency_is_flattened_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2, :, 3] = 255  # black above, nothing below
    grey = read_image(saved(tmp_path / "a.png", Image.fromarray(pixels)))
    assert grey[0, 0] == 0
    assert grey[3, 3] == 1
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), "L").convert("P")
    grey = read_image(saved(tmp_path / "b.png", palette, transparency=0))
    assert grey[0, 0] == 1


def test_orientation_of_the_camera(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    path = saved(tmp_path / "a.jpg", Image.fromarray(RAMP), exif=exif)
    assert read_image(path).shape == (64, 48)


@pytest.mark.parametrize("suffix", ["gif", "tif", "webp"])
def test_the_first_of_many_is_used(tmp_path, suffix):
    pages = [Image.new("L", (8, 8), grey).convert("RGB") for grey in (0, 255, 0)]
    path = saved(tmp_path / f"a.{suffix}", pages[0], save_all=True, append_images=pages[1:])
    picture = open_image(path)
    assert picture.note == f"a.{suffix} has several pictures; the first one is used."
    assert picture.grey.max() < 0.05


def test_large_pictures_are_reduced(tmp_path):
    path = saved(tmp_path / "a.png", Image.new("L", (5000, 100), 128))
    assert read_image(path).shape == (41, 2048)


def png(width, height, data=b""):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def hostile():
    good = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64), np.uint8)).save(good, "PNG")
    jpeg = io.BytesIO()
    Image.fromarray(RAMP).save(jpeg, "JPEG")
    yield "empty.png", b"", "not an image"
    yield "text.png", b"hello", "not an image"
    yield "cut.png", good.getvalue()[:150], "damaged or incomplete"
    yield "cut.jpg", jpeg.getvalue()[:400], "damaged or incomplete"
    yield "bomb.png", png(60000, 60000, zlib.compress(b"\0" * 100)), "Make a smaller copy"
    yield "big.png", png(9000, 9000, zlib.compress(b"\0" * 100)), "64 million"
    yield "drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"
    yield "script.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"
    rng = np.random.default_rng(0)
    for k in range(6):
        bad = bytearray(good.getvalue() if k % 2 else jpeg.getvalue())
        for at in rng.integers(20, len(bad), 30):
            bad[at] = int(rng.integers(256))
        yield f"noise{k}.png", bytes(bad), ""


HOSTILE = tuple(hostile())


@pytest.mark.parametrize(("name", "data", "words"), HOSTILE, ids=[h[0] for h in HOSTILE])
def test_hostile_images(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    try:
        grey = open_image(path).grey
    except UserError as error:
        text = str(error)
        assert words in text
        assert name in text
        assert str(tmp_path) not in text
        assert text.endswith(".")
    else:
        assert not words
        assert np.isfinite(grey).all()


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"There is no file gone\.png"):
        open_image(tmp_path / "gone.png")
    with pytest.raises(UserError, match="is a folder"):
        open_image(tmp_path)
    with pytest.raises(UserError, match="larger than 0 MB"):
        disk.read_file(saved(tmp_path / "a.png", Image.new("L", (9, 9))), 10)
    monkeypatch.setattr(images, "MAX_BYTES", 10)
    with pytest.raises(UserError, match="200 MB"):
        open_image(b"x" * 11)


def test_values_that_are_not_numbers(tmp_path):
    path = saved(tmp_path / "a.tif", Image.fromarray(np.full((4, 4), np.nan, np.float32)))
    with pytest.raises(UserError, match="not numbers"):
        read_image(path)


@pytest.mark.parametrize("fit", ["crop", "fit", "stretch"])
@pytest.mark.parametrize("method", ["otsu", "median", "level", "dither"])
def test_to_pattern(fit, method):
    options = ImageOptions(fit=fit, method=method)
    for size in ((2, 1), (7, 20), (64, 64), (100, 30)):
        grid = to_pattern(RAMP / 255, *size, options)
        assert grid.shape == size
        assert grid.dtype == np.int8
        assert (np.abs(grid) == 1).all()
        assert np.array_equal(to_pattern(RAMP / 255, *size, options.changed(invert=True)), -grid)


def test_fits():
    wide = np.zeros((10, 30))
    wide[:, 10:20] = 1
    level = ImageOptions(method="level")
    assert (to_pattern(wide, 10, 10, level) == 1).all()
    assert (to_pattern(wide, 10, 30, level) == np.where(wide > 0, 1, -1)).all()
    fitted = to_pattern(wide, 30, 30, level.changed(fit="fit"))
    assert (fitted[:10] == -1).all()
    assert (fitted[10:20, 10:20] == 1).all()
    assert to_pattern(wide, 10, 10, level.changed(fit="stretch")).sum() in (-40, -20)


def test_otsu_cuts_between_two_peaks():
    rng = np.random.default_rng(0)
    grey = np.concatenate([rng.normal(0.2, 0.03, 700), rng.normal(0.8, 0.03, 300)]).clip(0, 1)
    assert 0.3 < otsu(grey) < 0.7
    level = otsu(grey)
    low, high = grey[grey <= level], grey[grey > level]

    def between(t):
        a, b = grey[grey <= t], grey[grey > t]
        return len(a) * len(b) * (a.mean() - b.mean()) ** 2 if len(a) and len(b) else 0.0

    best = max(between(t) for t in np.linspace(0.01, 0.99, 99))
    assert len(low) * len(high) * (low.mean() - high.mean()) ** 2 >= 0.999 * best


def test_state_as_a_picture(tmp_path):
    grid = np.array([[1, -1, 1], [-1, -1, 1]], np.int8)
    path = tmp_path / "state.png"
    export.state_png(path, grid, cell=5)
    with Image.open(path) as image:
        assert image.size == (15, 10)
        pixels = np.asarray(image.convert("RGB"))
    for r, c in np.ndindex(2, 3):
        tone = export.PLUS if grid[r, c] > 0 else export.MINUS
        assert (pixels[5 * r : 5 * r + 5, 5 * c : 5 * c + 5] == tone).all()
    export.state_npy(tmp_path / "state.npy", grid)
    assert np.array_equal(np.load(tmp_path / "state.npy"), grid)
    assert np.array_equal(to_pattern(read_image(path), 2, 3), grid)


def test_tables(tmp_path):
    path = tmp_path / "curve.csv"
    export.columns_csv(path, {"update": np.arange(3), "E, total": [0.1, float("nan")]})
    assert path.read_bytes() == b'update,"E, total"\r\n0,0.1\r\n1,\r\n2,\r\n'
    export.save_npz(tmp_path / "a.npz", {"x": np.arange(3)})
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["x"].tolist() == [0, 1, 2]
