"""A bad line between two networks of its own, as a process: seeded, without netem.

It makes two network namespaces with a TUN device in each and carries the packets between them.
Orders come as JSON lines on standard input and are answered on standard output; at its end, or
when whoever started it dies, the namespaces are gone with it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import heapq
import json
import os
import random
import selectors
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_RST, _ACK = 0x04, 0x10
WAYS = ("up", "down")


class Line:
    """Both directions of the line; ``now`` is in seconds, ``rate`` in bit/s (0: without bound)."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.shape: dict[str, Any] = {}
        self.hole = False
        self.script: list[dict[str, Any]] = []
        self.count: dict[str, Any] = {}
        self.flying: list[tuple[float, int, str, bytes]] = []
        self._flows: set[frozenset[bytes]] = set()
        self._dead: set[frozenset[bytes]] = set()
        self._busy = dict.fromkeys(WAYS, 0.0)
        self._last = dict.fromkeys(WAYS, 0.0)
        self._serial = 0
        self.reset()

    def reset(self) -> None:
        """Count from nothing."""
        self.count = {
            "up": 0, "down": 0, "lost": 0, "queue": 0, "cuts": 0, "holes": 0, "first": 0, "last": 0
        }  # fmt: skip

    def send(self, way: str, packet: bytes, now: float) -> None:
        """Take what one network sends: carry it, delay it, or lose it."""
        if packet[0] >> 4 != 4:  # the kernel's own IPv6 chatter
            return
        self.count["first"] = self.count["first"] or now
        self.count["last"] = now
        self.count[way] += len(packet)
        flow = frozenset((packet[12:16] + packet[20:22], packet[16:20] + packet[22:24]))
        self._play(way, len(packet), now)
        if flow in self._dead:
            self._refuse(way, packet, now)
            return
        self._flows.add(flow)
        rate = self.shape.get("rate", 0)
        start = max(now, self._busy[way])
        if rate and (start - now) * rate / 8 > self.shape.get("queue", 65536):
            self.count["queue"] += 1
            return
        self._busy[way] = start + (len(packet) * 8 / rate if rate else 0)
        if self.hole or self.random.random() < self.shape.get("loss", 0):
            self.count["lost"] += 1
            return
        for _ in range(1 + (self.random.random() < self.shape.get("duplication", 0))):
            late = self.random.random() * self.shape.get("jitter", 0)
            self._carry(way, packet, self._busy[way] + self.shape.get("delay", 0) + late)

    def time(self, now: float) -> None:
        """Play what the script has for a moment."""
        if self.script and now >= self.script[0].get("at", now + 1):
            self._act(self.script.pop(0))

    def _carry(self, way: str, packet: bytes, when: float) -> None:
        self._last[way] = when = max(when, self._last[way])  # late, but in order
        self._serial += 1
        heapq.heappush(self.flying, (when, self._serial, way, packet))

    def _play(self, way: str, size: int, now: float) -> None:
        """Play what the script has for a byte: it falls on the packet that carries this byte."""
        if self.script and self.script[0].get("way") == way:
            self.script[0]["bytes"] -= size
            if self.script[0]["bytes"] < 0:
                self._act(self.script.pop(0))

    def _act(self, item: dict[str, Any]) -> None:
        if item["what"] == "hole":
            self.hole = True
            self.count["holes"] += 1
        else:
            self._dead |= self._flows
            self.flying.clear()
            self.count["cuts"] += 1

    def _refuse(self, way: str, packet: bytes, now: float) -> None:
        """Answer for a connection that was cut, as a gateway does that has forgotten it."""
        if packet[9] != 6:
            return
        head = (packet[0] & 15) * 4
        number, answered = struct.unpack_from(">II", packet, head + 4)
        if packet[head + 13] & _RST:
            return
        back = WAYS[1 - WAYS.index(way)]
        ends = packet[12:16], packet[16:20], packet[head : head + 2], packet[head + 2 : head + 4]
        self._carry(way, _reset(*ends, number), now)
        source, target, from_port, to_port = ends
        self._carry(back, _reset(target, source, to_port, from_port, answered), now)


def _reset(source: bytes, target: bytes, from_port: bytes, to_port: bytes, number: int) -> bytes:
    """Write a TCP reset (RFC 9293, section 3.5.2) in its IPv4 packet (RFC 791)."""
    tcp = from_port + to_port + struct.pack(">IIBBHHH", number, 0, 0x50, _RST, 0, 0, 0)
    pseudo = source + target + struct.pack(">BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + source + target
    return ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:] + tcp


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def _network(address: str, congestion: str) -> tuple[int, int]:
    """Move into a new namespace with a TUN device; give the namespace and the device, as files."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "this kernel gives no network namespace")
    try:
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", b"line", _IFF_TUN | _IFF_NO_PI))
    except OSError as error:
        raise OSError(error.errno, "this kernel gives no TUN device") from None
    for order in (
        f"address add {address} dev line",
        "link set line up",
        "link set lo up",
    ):
        subprocess.run(["ip", *order.split()], check=True)
    if congestion:
        Path("/proc/sys/net/ipv4/tcp_congestion_control").write_text(congestion)
    return os.open("/proc/self/ns/net", os.O_RDONLY), tun


def _obey(line: Line, order: dict[str, Any]) -> None:
    if order.get("reset"):
        line.reset()
    line.shape = order.get("shape", line.shape)
    line.hole = order.get("hole", line.hole)
    if "script" in order:
        now = time.monotonic()
        line.script = [
            {**item, "at": now + item["seconds"]} if "seconds" in item else dict(item)
            for item in order["script"]
        ]


def _say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run: arguments are the seed, the two addresses with their prefix, the congestion control."""
    seed, *addresses, congestion, captured = sys.argv[1:]
    try:
        made = [_network(address, congestion) for address in addresses]
    except OSError as error:
        _say(impossible=f"{error.strerror} ({errno.errorcode[error.errno or 0]})")
        return
    _say(networks=[namespace for namespace, _ in made])
    tuns = dict(zip(WAYS, (tun for _, tun in made), strict=True))
    line = Line(int(seed))
    with Path(captured).open("ab", buffering=0) as capture, selectors.DefaultSelector() as waiting:
        waiting.register(0, selectors.EVENT_READ, "")
        for way, tun in tuns.items():
            waiting.register(tun, selectors.EVENT_READ, way)
        while True:
            soon = line.flying[0][0] - time.monotonic() if line.flying else 0.1
            for key, _ in waiting.select(min(0.1, max(0.0, soon))):
                if key.data:
                    packet = os.read(key.fd, 65536)
                    if key.data == "up":
                        capture.write(packet)
                    line.send(key.data, packet, time.monotonic())
                    continue
                order = sys.stdin.readline()
                if not order:
                    return
                _obey(line, json.loads(order))
                _say(**line.count, script=len(line.script))
            now = time.monotonic()
            line.time(now)
            while line.flying and line.flying[0][0] <= now:
                _, _, way, packet = heapq.heappop(line.flying)
                os.write(tuns[WAYS[1 - WAYS.index(way)]], packet)


if __name__ == "__main__":
    main()
