"""What may stand in the registry's place: a sign-in page, a stranger's TLS, a relay that listens."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import itertools
import selectors
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from networks import REGISTRY, Networks

PAGE = b"<!doctype html><title>Welcome</title><form>Sign in to use this network</form>"
_HTML = b"Content-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n" % len(PAGE)
SIGN_IN_PAGE = b"HTTP/1.1 200 OK\r\n" + _HTML + b"\r\n" + PAGE
REDIRECTION = (
    f"HTTP/1.1 302 Found\r\nLocation: http://{REGISTRY}:8900/sign-in\r\n".encode()
    + _HTML
    + b"\r\n"
    + PAGE
)


class Listener:
    """Takes every connection at an address in the registry's network; keeps what it was sent."""

    def __init__(
        self,
        networks: Networks,
        port: int,
        serve: Callable[[socket.socket, bytearray], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.received: list[bytearray] = []
        self.connections = 0
        self._serve, self._tls = serve, tls
        self._socket = networks.listen("registry", (REGISTRY, port))
        self._socket.settimeout(0.2)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Let every connection go."""
        self._over.set()
        for thread in self._threads:
            thread.join(10)
        self._socket.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._socket.accept()
                self.connections += 1
                thread = threading.Thread(target=self._one, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _one(self, connection: socket.socket) -> None:
        received = bytearray()
        self.received.append(received)
        connection.settimeout(60)
        with connection, contextlib.suppress(OSError):  # what the other end breaks off is over
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._serve(connection, received)


@contextmanager
def portal(
    networks: Networks, port: int, answer: bytes, tls: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Answer everything with one answer, as a sign-in page does."""

    def serve(connection: socket.socket, received: bytearray) -> None:
        while b"\r\n\r\n" not in received:
            data = connection.recv(65536)
            received += data
            if not data:
                return
        connection.sendall(answer)
        while data := connection.recv(65536):
            received += data

    listener = Listener(networks, port, serve, tls)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def relay(
    networks: Networks, port: int, target: tuple[str, int], tls: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Pass everything on to the real registry, as what ends TLS in front of one does."""

    def serve(connection: socket.socket, received: bytearray) -> None:
        with (
            networks.connect("registry", target) as onward,
            selectors.DefaultSelector() as waiting,
        ):
            waiting.register(connection, selectors.EVENT_READ, onward)
            waiting.register(onward, selectors.EVENT_READ, connection)
            while ready := waiting.select(60):  # a lost packet may take its time
                for key, _ in ready:
                    assert isinstance(key.fileobj, socket.socket)
                    data = key.fileobj.recv(16384)  # a whole TLS record: nothing stays behind
                    if key.fileobj is connection:
                        received += data
                    if not data:
                        return
                    key.data.sendall(data)

    listener = Listener(networks, port, serve, tls)
    try:
        yield listener
    finally:
        listener.close()


def stranger(folder: Path, address: str = REGISTRY) -> tuple[ssl.SSLContext, Path]:
    """Make TLS for an address under a root that nobody knows; give its PEM, too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.datetime.now(datetime.UTC)
    address_name = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address_name, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    (folder / "root.pem").write_bytes(pem)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "root.pem"


def found_in(data: bytes, canaries: Iterable[str]) -> set[str]:
    """Find invented people's names in bytes: as they are, and in whatever can be opened."""
    texts = [data, *_opened(data)]
    return {one for one in canaries if any(one.encode() in text for text in texts)}


def _opened(data: bytes) -> Iterator[bytes]:
    """Open zlib (RFC 1950) and gzip streams and zstd frames (RFC 8878) wherever one may begin."""
    for start in range(len(data) - 1):
        if data[start] == 0x78 or data[start : start + 2] == b"\x1f\x8b":
            opener = zlib.decompressobj(wbits=47)
            with contextlib.suppress(zlib.error):
                yield opener.decompress(data[start:], 16 * 1024 * 1024)
        elif data[start : start + 4] == b"\x28\xb5\x2f\xfd":
            yield from _frames(data[start:])


def _frames(data: bytes) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        return
    root = Path(__file__).parents[2] / "sync" / "dictionaries"
    dictionaries = [zstandard.ZstdCompressionDict(one.read_bytes()) for one in root.glob("*")]
    for dictionary in itertools.chain([None], dictionaries):
        with contextlib.suppress(zstandard.ZstdError):
            opener = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
            yield opener.decompress(data)
