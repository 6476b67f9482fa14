"""ESC/POS command by command, as the bytes come.

A command takes the bytes it needs and no more: rows of a picture are printed as they arrive, and
what is cut off in the middle of one is text to the printer that wakes up after it. What it does
not know it passes over as printers do.

Source: Epson, ESC/POS application programming guide; lengths of commands are from its tables.
"""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from printers.code_pages import known_code_page
from printers.interpreter import drawing, tables
from printers.interpreter.drawing import SPACING, Band, Piece
from printers.interpreter.letters import CELL, HEIGHT, SMALL_CELL
from printers.interpreter.symbols import Symbols
from printers.interpreter.tables import Abilities, Output, Program, Question

_STRIP = 8
"""Rows of a picture that are printed together: a millimetre."""
_TORN_AFTER = 4
"""Empty lines after which paper is torn off by hand, where there is no cutter."""


class Commands:
    """Reads ESC/POS in any pieces for paper of ``width`` dots."""

    def __init__(self, width: int, output: Output, abilities: Abilities) -> None:
        self._width = width
        self._output = output
        self._abilities = abilities
        self._fresh = True
        self._graphics: tuple[bytes, int, int, int, int] | None = None
        self._symbols = Symbols(width, abilities)
        self._back = b""
        self.reset()

    def reset(self) -> None:
        """Forget everything, as when the power is cut."""
        self._state = self._abilities.woken()
        self._held = bytearray()
        self._graphics, self._symbols.data, self._back = None, b"", b""
        self._fresh, self._empty = True, 0
        self._program = self._run()
        self._size = next(self._program)

    @property
    def wants(self) -> int:
        """How many bytes it takes until something can happen."""
        return self._size - len(self._held)

    @property
    def between(self) -> bool:
        """Whether it stands between two commands."""
        return self._fresh and not self._held

    def feed(self, data: bytes) -> None:
        """Take bytes; a command that is not complete yet waits for its rest."""
        self._held += data
        while len(self._held) >= self._size:
            piece = bytes(self._held[: self._size])
            del self._held[: self._size]
            self._size = self._program.send(piece)

    def _run(self) -> Program:
        while True:
            self._fresh = True
            first, self._back = (self._back or (yield 1)), b""
            self._fresh = False
            code = first[0]
            if code == 0x1B:
                yield from self._escape()
            elif code == 0x1D:
                yield from self._group()
            elif code == 0x1C:
                yield from self._field()
            elif code == 0x10:
                yield from self._real_time()
            elif code == 0x09:
                self._tab()
            elif code == 0x0A:
                self._end_line(always=True)
            elif code > 0x80 and self._state.chinese:
                yield from self._chinese(first)
            elif code >= 0x20:
                self._letter(first.decode(self._state.code_page, "replace"))

    def _real_time(self) -> Program:
        """Pass over what was acted on when it arrived; a broken one must not eat its neighbour."""
        second = yield 1
        if second not in (b"\x04", b"\x05", b"\x14"):
            self._back = second
            return
        third = yield 1
        if second != b"\x14" and not 1 <= third[0] <= 8:
            self._back = third
        elif second == b"\x14" and third[0] in (1, 2, 8):
            yield 7 if third == b"\x08" else 2

    def _escape(self) -> Program:
        name = yield 1
        if name == b"*":
            yield from self._column_picture()
        elif name == b"D":
            yield from self._tab_stops()
        elif name in (b"i", b"m"):
            self._cut(f"ESC {name.decode()}")
        elif name == b"@":
            self._state = self._abilities.woken()
        elif name == b"2":
            self._state.spacing = SPACING
        else:
            size = tables.ESCAPE.get(name[0], 0)
            value = (yield size) if size else b"\x00"
            if f"ESC {name.decode('latin-1')}" not in self._abilities.ignored:
                self._escaped(name, value)

    def _escaped(self, name: bytes, data: bytes) -> None:
        state, value = self._state, data[0]
        match name:
            case b"a":
                state.align = value % 48 % 3 if not state.line else state.align
            case b"E" | b"G":
                state.bold = bool(value & 1)
            case b"!":
                state.small, state.bold = bool(value & 0x01), bool(value & 0x08)
                state.scale = (value & 0x20) >> 1 | (value & 0x10) >> 4
            case b"M":
                state.small = bool(value & 1)
            case b"3":
                state.spacing = value
            case b"$":
                at = int.from_bytes(data, "little") - sum(piece.width for piece in state.line)
                if 0 < at < self._width:
                    state.line.append(Piece(at, HEIGHT, " "))
            case b"t":
                state.code_page = known_code_page(value)
            case b"J":
                self._end_line()
                self._blank(self._abilities.fed(value, self._state))
            case b"d":
                self._end_line()
                self._blank(value * state.spacing)
                if value >= 4:
                    self._output.tear()

    def _group(self) -> Program:
        name = yield 1
        match name:
            case b"V":
                mode = yield 1
                distance = (yield 1) if mode in tables.LONG_CUTS else b"\x00"
                self._end_line()
                if "GS V" not in self._abilities.ignored:
                    self._blank(self._abilities.fed(distance[0], self._state))
                self._cut("GS V")
            case b"v":
                yield from self._raster()
            case b"(":
                head = yield 3
                yield from self._extended(head[:1], int.from_bytes(head[1:], "little"))
            case b"8":
                head = yield 5
                yield from self._extended(head[:1], int.from_bytes(head[1:], "little"))
            case b"k":
                yield from self._bar_code()
            case b"*":
                across, down = yield 2
                if across * down:
                    yield across * down * 8
            case _:
                size = tables.GROUP.get(name[0], 0)
                value = (yield size) if size else b"\x00"
                self._grouped(name, value)

    def _grouped(self, name: bytes, value: bytes) -> None:
        match name:
            case b"!":
                self._state.scale = value[0]
            case b"P" if value[1]:
                self._state.feed_units = value[1]
            case b"L":
                self._state.margin = min(int.from_bytes(value, "little"), self._width - 8)
            case b"a":
                self._output.answer(Question("GS a", value))
            case b"r":
                self._output.answer(Question("GS r", value))
            case b"I":
                self._output.answer(Question("GS I", value))

    def _field(self) -> Program:
        name = yield 1
        if name == b"(":
            head = yield 3
            if size := int.from_bytes(head[1:], "little"):
                yield size
        elif size := tables.FIELD.get(name[0], 0):
            yield size
        elif name in (b"&", b".") and f"FS {name.decode()}" not in self._abilities.ignored:
            self._state.chinese = name == b"&"

    def _chinese(self, first: bytes) -> Program:
        """Take a pair of bytes for one character (GB 18030), as wide as two of font A."""
        second = yield 1
        if 0x40 <= second[0] <= 0xFE and second[0] != 0x7F:
            text = (first + second).decode("gb18030", "replace")
            self._letter(text, 2 * CELL * self._state.across)
        else:
            self._back = second

    def _bar_code(self) -> Program:
        kind = yield 1
        if kind[0] > 6:
            if size := (yield 1)[0]:
                yield size
        else:
            while (yield 1) != b"\x00":
                pass

    def _raster(self) -> Program:
        head = yield 6
        mode, width = head[1], int.from_bytes(head[2:4], "little")
        left = int.from_bytes(head[4:6], "little")
        across, down = 1 + (mode & 1), 1 + (mode >> 1 & 1)
        self._end_line()
        while left and width:
            rows = min(left, _STRIP)
            data = yield rows * width
            if "GS v 0" not in self._abilities.ignored:
                self._picture(data, width, rows, across, down)
            left -= rows

    def _tab_stops(self) -> Program:
        cell, stops = self._cell, []
        while (column := (yield 1)) != b"\x00":
            stops.append(column[0] * cell)
        self._state.tabs = tuple(stops)

    def _column_picture(self) -> Program:
        mode, low, high = yield 3
        columns, tall = low + 256 * high, 3 if mode & 0x20 else 1
        if not columns:
            return
        data = yield columns * tall
        if "ESC *" in self._abilities.ignored:
            return
        across = 1 if mode & 1 else 2
        image = drawing.column_dots(data, columns, tall, across, 1 if tall == 3 else 3)
        self._state.line.append(Piece(image.width, image.height, image=image))

    def _extended(self, name: bytes, size: int) -> Program:
        if name == b"k" and size > 3:
            yield from self._symbol(size)
            return
        body = (yield size) if size else b""
        if name == b"H":
            self._output.answer(Question("GS ( H", body))
        elif name == b"L" and body[1:2] == b"p" and len(body) >= 10:
            across, down = body[3], body[4]
            width = -(-int.from_bytes(body[6:8], "little") // 8)
            self._graphics = (body[10:], width, int.from_bytes(body[8:10], "little"), across, down)
        elif name == b"L" and body[1:2] in (b"\x02", b"2") and self._graphics:
            self._end_line()
            data, width, height, across, down = self._graphics
            if len(data) == width * height:
                self._picture(data, width, height, across, down)
            self._graphics = None
        elif name == b"k" and size == 3:
            self._qr_function(body)

    def _symbol(self, size: int) -> Program:
        head = yield 3
        if head[:2] != b"1P":
            yield size - 3
            return
        self._symbols.data = yield self._symbols.takes(size - 3)

    def _qr_function(self, body: bytes) -> None:
        done = self._symbols.function(body, self._state)
        if isinstance(done, Question):
            self._output.answer(done)
        elif done is not None:
            self._end_line()
            self._empty = 0
            self._output.print(done)

    @property
    def _cell(self) -> int:
        return (SMALL_CELL if self._state.small else CELL) * self._state.across

    def _tab(self) -> None:
        """Go to the next stop; behind the last one nothing happens."""
        line = self._state.line
        used = sum(piece.width for piece in line)
        stop = next((stop for stop in self._state.tabs if stop > used), used)
        if used < stop < self._width:
            line.append(Piece(stop - used, HEIGHT, " "))

    def _letter(self, text: str, width: int = 0) -> None:
        state, width = self._state, width or self._cell
        used = sum(piece.width for piece in state.line)
        if state.line and state.margin + used + width > self._width:
            self._end_line()
        state.line.append(Piece(width, HEIGHT * state.down, text, state.bold))

    def _picture(self, data: bytes, width: int, height: int, across: int, down: int) -> None:
        if not any(data):
            self._blank(height * down)
            return

        def image() -> Image.Image:
            return drawing.dots(data, width, height, across, down)

        self._empty = 0
        size = (width * 8 * across, height * down)
        aligns = self._abilities.aligns_raster
        state = self._state if aligns else replace(self._state, align=0)
        self._output.print(drawing.picture_band(state, self._width, image, size))

    def _end_line(self, *, always: bool = False) -> None:
        if self._state.line:
            self._output.print(drawing.line_band(self._state, self._width))
            self._state.line, self._empty = [], 0
        elif always:
            self._blank(self._state.spacing)
            self._empty += 1
            if self._empty == _TORN_AFTER:
                self._output.tear()

    def _blank(self, rows: int) -> None:
        if rows:
            self._output.print(Band(rows))

    def _cut(self, command: str) -> None:
        self._end_line()
        if command not in self._abilities.ignored:
            self._output.cut()
