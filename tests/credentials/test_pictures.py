"""Pictures from strangers: what they cost is known from the header, and the process may die."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photographs import bare, chunk, code, far, maze, saved, turned, vast, with_chunk
from PIL import Image, ImageOps
from portable_documents import circles, document, locked, vast_document
from requirements import missing
from shares import share

from edge.adapters.picture_worker import QUESTION
from edge.adapters.pictures import PictureWorker
from edge.credentials.pictures import codes_in_picture
from edge.credentials.reading import is_picture, shown_in
from edge.credentials.verdict import UnreadableError

ROOT = Path(__file__).resolve().parents[2]
ALONE = [sys.executable, "-c"]
LARGE, KIND, BROKEN, NONE = "too large", "of this kind", "cannot be opened", "no readable QR code"


def with_code(width: int, height: int, mode: str = "L") -> Image.Image:
    side = min(width, height) // 2
    whole = Image.new(mode, (width, height), "white" if mode != "L" else 255)
    whole.paste(code(size=side).convert(mode), (side // 4, side // 4))
    return whole


@pytest.fixture
def worker() -> Iterator[PictureWorker]:
    worker = PictureWorker()
    yield worker
    worker.close()


READ = {
    "a screen": lambda: saved(code()),
    "a photograph": lambda: saved(with_code(4000, 3000, "RGB"), "JPEG"),
    "a photograph of 48 million pixels": lambda: saved(with_code(8000, 6000), "JPEG"),
    "a photograph in the colours of print": lambda: saved(with_code(800, 600, "CMYK"), "JPEG"),
    "a picture with a palette": lambda: saved(with_code(800, 600, "RGB").quantize(4)),
    "a transparent one": lambda: saved(with_code(800, 600, "RGBA")),
    "black on nothing": lambda: saved(bare("black", "RGBA")),
    "white on nothing": lambda: saved(bare("white", "RGBA")),
    "black on nothing, in grey": lambda: saved(bare("black", "LA")),
    "black on a transparent shade": lambda: saved(code(), transparency=255),
    "black on nothing, of a palette": lambda: saved(
        Image.eval(code().convert("L"), lambda shade: shade // 255).convert("P"), transparency=1
    ),
    "as large a transparent one as may be": lambda: saved(bare("black", "RGBA").resize((4000, 3000))),
    "white on black": lambda: saved(ImageOps.invert(with_code(800, 600))),
    "white on black, in the colours of print": lambda: saved(
        ImageOps.invert(with_code(800, 600)).convert("CMYK"), "JPEG"
    ),
    "one lying on its side by its EXIF": lambda: saved(
        with_code(800, 600).rotate(90, expand=True), "JPEG", exif=turned(6)
    ),
    "one in a mirror by its EXIF": lambda: saved(
        ImageOps.mirror(with_code(800, 600)), "JPEG", exif=turned(2)
    ),
    "one held askew": lambda: saved(with_code(800, 600).rotate(33, fillcolor=255)),
    "a small code in a photograph of 48 million pixels": lambda: saved(far(8000, 6000), "JPEG"),
    "an AVIF of 12 million pixels": lambda: saved(with_code(4000, 3000, "RGB"), "AVIF", speed=10),
    "a transparent AVIF": lambda: saved(bare("black", "RGBA"), "AVIF", speed=10),
    "a PDF": lambda: saved(with_code(1240, 1754), "PDF", resolution=150),
    "a PDF in colour": lambda: saved(with_code(1240, 1754, "RGB"), "PDF", resolution=150),
    "a PDF from a scanner of 300 dots an inch": lambda: saved(
        with_code(2480, 3508, "RGB"), "PDF", resolution=300
    ),
    "a PDF with the code on its last page": lambda: document("", "", "", "HELLO"),
    "a PDF whose code is drawn, of a thumb's size": lambda: document("HELLO", millimetres=15),
    "a PDF of a poster": lambda: document("HELLO", millimetres=200, page=(841, 1189)),
    "a PDF of a label": lambda: document("HELLO", millimetres=10, page=(12, 12)),
    "a PDF behind a blank line": lambda: b"\r\n" + document("HELLO"),
    "one of two phones' lenses": lambda: saved(
        with_code(800, 600, "RGB"), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))]
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_what_phones_and_scanners_make_is_read_in_the_memory_that_a_picture_has(
    name: str, worker: PictureWorker
) -> None:
    assert worker.codes(READ[name](), 20) == [b"HELLO"]


def frames() -> list[Image.Image]:
    return [Image.new("L", (50, 50), shade) for shade in (0, 100, 200)]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a PNG of 120 million pixels in 500 kB": (vast, LARGE),
    "a JPEG of 400 million pixels": (lambda: saved(Image.new("L", (20_000, 20_000)), "JPEG"), LARGE),
    "a JPEG too narrow to be made smaller": (lambda: saved(Image.new("L", (7, 60_000)), "JPEG"), NONE),
    "a moving PNG": (lambda: saved(frames()[0], save_all=True, append_images=frames()[1:]), KIND),
    "a PNG of 16 bits": (lambda: saved(Image.new("I;16", (50, 50))), KIND),
    "a GIF": (lambda: saved(frames()[0], "GIF"), KIND),
    "a BMP": (lambda: saved(frames()[0], "BMP"), KIND),
    "a WebP": (lambda: saved(frames()[0], "WEBP"), KIND),
    "a TIFF": (lambda: saved(frames()[0], "TIFF"), KIND),
    "a PDF of nothing": (lambda: b"%PDF-1.7\n", BROKEN),
    "a cut PDF": (lambda: saved(code(), "PDF")[:300], BROKEN),
    "a PDF with a password": (lambda: locked("HELLO"), "password"),
    "an AVIF of 20 million pixels": (
        lambda: saved(Image.new("L", (5000, 4000)), "AVIF", speed=10), LARGE),
    "a cut AVIF": (lambda: saved(code(), "AVIF", speed=10)[:400], BROKEN),
    "a PDF whose code is on its fifth page": (
        lambda: document("", "", "", "", "HELLO"), "the others are not looked at"),
    "a PDF without a code": (lambda: saved(Image.new("L", (800, 600), 255), "PDF"), NONE),
    "a PDF whose picture has 64 million pixels": (lambda: vast_document(8_000), NONE),
    "a PDF that goes in circles": (circles, NONE),
    "a film of an iPhone's": (lambda: b"\x00\x00\x00\x18ftypqt  " + bytes(50), KIND),
    "a cut photograph": (lambda: saved(code(), "JPEG")[:3000], BROKEN),
    "a cut PNG": (lambda: saved(code())[:300], BROKEN),
    "a text that unpacks to 100 MB": (
        lambda: with_chunk(saved(code()), b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000))), BROKEN),
    "a colour profile that unpacks to 100 MB": (
        lambda: with_chunk(saved(code()), b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000))), BROKEN),
    "a thousand texts": (
        lambda: with_chunk(saved(code()), b"tEXt", b"a\0b") [:33]
        + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000))) * 1000 + saved(code())[33:], BROKEN),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_a_picture_that_costs_too_much_or_is_of_no_phone_is_refused_in_words(
    name: str, worker: PictureWorker
) -> None:
    make, words = REFUSED[name]
    assert is_picture(make())
    with pytest.raises(UnreadableError, match=words):
        worker.codes(make(), 20)
    assert worker.codes(saved(code()), 20) == [b"HELLO"]


@pytest.mark.slow
def test_an_iphones_own_kind_is_read_where_its_reader_is_installed(worker: PictureWorker) -> None:
    try:
        import pillow_heif as heif
    except ImportError:
        missing("pillow-heif")
    buffer = io.BytesIO()
    heif.from_pillow(with_code(4032, 3024, "RGB")).save(buffer, quality=80)
    assert worker.codes(buffer.getvalue(), 20) == [b"HELLO"]


def test_without_the_reader_an_iphones_own_kind_is_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(UnreadableError, match="HEIC"):
        codes_in_picture(b"\x00\x00\x00\x18ftypheic" + bytes(50))


@pytest.mark.slow
def test_a_vast_picture_is_refused_before_a_pixel_of_it_is_decoded() -> None:
    cut = vast()[:2000]  # had it been decoded, it would have been too short
    with pytest.raises(UnreadableError, match=LARGE):
        codes_in_picture(cut)


@pytest.mark.slow
def test_a_picture_that_would_be_tried_for_long_is_ended_and_the_next_one_is_read(
    worker: PictureWorker,
) -> None:
    with pytest.raises(UnreadableError, match=BROKEN):
        worker.codes(maze(), 1)
    assert worker.codes(saved(code()), 20) == [b"HELLO"]


@pytest.mark.slow
def test_the_system_ends_a_decoder_that_takes_more_of_a_processor_than_it_may() -> None:
    picture = maze()
    ended = subprocess.run(
        [sys.executable, "-m", "edge.adapters.picture_worker"],
        input=QUESTION.pack(1.0, len(picture)) + picture, cwd=ROOT, capture_output=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGXCPU
    assert ended.stdout == b""


def test_a_decoder_that_stands_still_is_ended(worker: PictureWorker) -> None:
    still = subprocess.Popen(["sleep", "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    worker._process = still
    with pytest.raises(UnreadableError, match=BROKEN):
        worker.codes(saved(code()), 0.02)
    assert still.returncode == -signal.SIGKILL
    assert worker.codes(saved(code()), 20) == [b"HELLO"]


def children() -> set[int]:
    """Processes of this one that run the decoder."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            parent = f"\nPPid:\t{os.getpid()}\n" in path.read_text()
            name = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent and b"picture_worker" in name:
            found.add(int(path.parent.name))
    return found


def test_a_decoder_lets_the_site_go_first(worker: PictureWorker) -> None:
    assert worker.codes(saved(code()), 20) == [b"HELLO"]
    (decoder,) = children()
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, decoder) >= min(ours + 10, 19)


def test_a_decoder_that_died_is_started_again_and_one_is_enough(worker: PictureWorker) -> None:
    assert worker.codes(saved(code()), 20) == [b"HELLO"]
    (first,) = children()
    assert worker.codes(saved(code("AGAIN")), 20) == [b"AGAIN"]
    assert children() == {first}
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert worker.codes(saved(code()), 20) == [b"HELLO"]
    (second,) = children()
    assert second != first
    worker.close()
    assert children() == set()


@pytest.mark.slow
@pytest.mark.parametrize("limit", ["RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_AS", "RLIMIT_FSIZE"])
def test_a_machine_that_limits_its_programs_itself_has_its_pictures_read(limit: str) -> None:
    if sys.platform != "linux":
        missing("prlimit, which is Linux's,")
    most = {"RLIMIT_CPU": 600, "RLIMIT_AS": 2**40}.get(limit, 0)
    program = (
        f"import resource, sys; resource.setrlimit(resource.{limit}, ({most}, {most}));"
        "from edge.adapters.pictures import PictureWorker;"
        "print(PictureWorker().codes(sys.stdin.buffer.read(), 8.0))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=saved(code("HELLO"), "PNG"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout == b"[b'HELLO']\n", ran.stderr


def test_a_decoder_without_work_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.run(
        [*ALONE, "import edge.adapters.picture_worker as w, sys; w.IDLE = 0.1;"
         "w.main(sys.stdin.buffer, sys.stdout.buffer)"],
        stdin=(pipe := subprocess.Popen(["sleep", "600"], stdout=subprocess.PIPE)).stdout,
        timeout=60, check=False,
    )  # fmt: skip
    pipe.kill()
    pipe.wait()
    assert ended.returncode == 0


def test_a_decoder_that_ended_just_when_it_was_asked_is_started_again() -> None:
    worker = PictureWorker()
    ended = subprocess.Popen([*ALONE, "pass"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    worker._process = ended
    ended.poll = lambda: None  # type: ignore[method-assign]  # it ends after it was looked at
    assert worker.codes(saved(code()), 20) == [b"HELLO"]
    worker.close()


@pytest.mark.slow
def test_the_decoder_has_less_memory_than_a_vast_picture_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attack = (
        "import sys, edge.adapters.picture_worker as w, edge.credentials.pictures as p;"
        "p.MOST_PIXELS = 10**9; w._hold_back(); print(w._found(sys.stdin.buffer.read()))"
    )
    told = subprocess.run(
        [*ALONE, attack], input=vast(), capture_output=True, timeout=60, check=True
    )
    assert LARGE.encode() in told.stdout


def test_nothing_of_the_site_is_given_to_the_decoder(
    worker: PictureWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "rosebud")
    worker.codes(saved(code()), 20)
    (decoder,) = children()
    assert b"rosebud" not in Path(f"/proc/{decoder}/environ").read_bytes()
    open_ = {str(one.readlink()) for one in Path(f"/proc/{decoder}/fd").iterdir()}
    assert {one.partition(":")[0] for one in open_} <= {"pipe", "/dev/null"}


def test_a_text_that_begins_as_a_bitmap_does_is_a_text() -> None:
    (shown,) = shown_in(b"BM2345 this is no picture")
    assert shown.text == "BM2345 this is no picture"


@pytest.mark.slow
@settings(max_examples=share(200))
@given(
    place=st.integers(0, 10**6), value=st.integers(0, 255), kind=st.sampled_from(["PNG", "JPEG"])
)
def test_a_picture_with_any_byte_changed_is_read_or_refused_in_words(
    place: int, value: int, kind: str
) -> None:
    data = bytearray(saved(code(size=120), kind))
    data[8 + place % (len(data) - 8)] = value
    with contextlib.suppress(UnreadableError):
        assert codes_in_picture(bytes(data))
