"""Web servers beside each other: requests a second, memory, and a tablet beside held connections.

``python -m benchmarks.servers`` installs waitress and uvicorn into a folder of their own, by name.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests/helpers"))

from intruders import HALF, MANY, WHOLE, Crowd, many_files  # noqa: E402

PATIENCE, CLIENTS, ROUNDS, MB = 10.0, 4, 5, 1024 * 1024
SERVED = """
import asyncio, io, sys
from concurrent.futures import ThreadPoolExecutor
from echoing import Site
which, port, pem = sys.argv[1], int(sys.argv[2]), sys.argv[3]
app = Site().app
if which.startswith("ours"):
    import ssl
    from sync.web.serving import Server
    tls = None
    if which == "ours, TLS":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
    Server(app, "127.0.0.1", port, threads=8, tls=tls).run()
elif which == "waitress":
    from waitress import serve
    serve(app, host="127.0.0.1", port=port, threads=8, ident=None)
else:
    import uvicorn
    pool = ThreadPoolExecutor(8)
    def answer(environ):
        told = []
        body = b"".join(app(environ, lambda *head: told.extend(head[:2])))
        return int(told[0].split()[0]), told[1], body
    async def adapter(scope, receive, send):
        if scope["type"] != "http":
            return
        body = io.BytesIO()
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            body.write(event["body"])
            if not event["more_body"]:
                break
        size = body.tell()
        body.seek(0)
        environ = {
            "REQUEST_METHOD": scope["method"], "PATH_INFO": scope["path"], "SCRIPT_NAME": "",
            "QUERY_STRING": scope["query_string"].decode(), "SERVER_NAME": "a",
            "SERVER_PORT": "1", "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": str(size),
            "wsgi.url_scheme": "http", "wsgi.input": body, "wsgi.errors": sys.stderr,
        }
        loop = asyncio.get_running_loop()
        status, headers, data = await loop.run_in_executor(pool, answer, environ)
        raw = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": data})
    tls = {"ssl_certfile": pem} if which.endswith("TLS") else {}
    uvicorn.run(adapter, host="127.0.0.1", port=port, access_log=False, log_level="critical",
                server_header=False, lifespan="off", http="h11", **tls)
"""
SERVERS = ("waitress", "uvicorn and an adapter", "ours", "uvicorn, TLS", "ours, TLS")


def measure(folder: Path, seconds: float = 2) -> dict[str, float]:
    found: dict[str, float] = {}
    with many_files():
        for label, counts in _rates(folder, seconds).items():
            found[label] = statistics.median(counts)
        for name in SERVERS:
            for label, value in _of_server(name, folder).items():
                found[f"{name}: {label}"] = value
    return found


def _rates(folder: Path, seconds: float) -> dict[str, list[float]]:
    """Ask each in turn, several times: what else the machine does falls on all."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name in SERVERS:
            with _running(name, folder) as (_, port), multiprocessing.Pool(CLIENTS) as pool:
                for method in ("GET", "POST"):
                    counts = pool.starmap(_ask, [(name, port, method, seconds)] * CLIENTS)
                    found.setdefault(f"{name}: {method}s a second", []).append(
                        sum(counts) / seconds
                    )
    return found


def _of_server(name: str, folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    with _running(name, folder) as (run, port):
        found["MB at first"] = _memory(run, "VmRSS")
    for attack in ("connects only", "half a header", "half a body", "never reads"):
        with _running(name, folder) as (run, port):
            sent = {**HALF, **WHOLE}[attack]
            with contextlib.suppress(OSError), Crowd(port, 1000, sent, MANY):
                found[f"{attack} ×1000, a GET in ms (-1: none in 10 s)"] = _beside(name, port)
                found[f"{attack} ×1000, MB at most"] = _memory(run, "VmHWM")
    with _running(name, folder) as (run, port):
        _flood(name, port)
        found["200 bodies of 8 MB, MB at most"] = _memory(run, "VmHWM")
    return found


@contextlib.contextmanager
def _running(name: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    places = [str(ROOT), str(ROOT / "tests/helpers"), str(folder / "servers")]
    code = f"import sys; sys.path[:0] = {places!r}\n" + SERVED
    run = subprocess.Popen(
        [sys.executable, "-c", code, name, str(port), str(folder / "site.pem")],
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _connected(name, port).close()
                break
            time.sleep(0.05)
        yield run, port
    finally:
        run.kill()
        run.wait(10)


def _connected(name: str, port: int) -> http.client.HTTPConnection:
    if name.endswith("TLS"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        one: http.client.HTTPConnection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=PATIENCE, context=context
        )
    else:
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    one.connect()
    return one


def _ask(name: str, port: int, method: str, seconds: float) -> int:
    one, count, ends = _connected(name, port), 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        one.request(method, "/", b"x" * 900 if method == "POST" else None)
        one.getresponse().read()
        count += 1
    return count


def _beside(name: str, port: int) -> float:
    took = []
    for _ in range(10):
        began = time.monotonic()
        try:
            one = _connected(name, port)
            one.request("GET", "/")
            assert one.getresponse().read() == b"hello"
            one.close()
        except (OSError, http.client.HTTPException, AssertionError):
            return -1.0
        took.append((time.monotonic() - began) * 1000)
    return statistics.median(took)


def _flood(name: str, port: int) -> None:
    held = []

    def send() -> None:
        with contextlib.suppress(OSError):
            one = _connected(name, port)
            held.append(one)
            one.putrequest("POST", "/")
            one.putheader("Content-Length", str(8 * MB))
            one.endheaders()
            one.send(bytes(8 * MB - 1))

    threads = [threading.Thread(target=send) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def _memory(run: subprocess.Popen[bytes], name: str) -> float:
    status = Path(f"/proc/{run.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def _install(folder: Path) -> None:
    target = str(folder / "servers")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", target]
    subprocess.run([*pip, "waitress", "uvicorn"], check=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=site.local", "-days", "2", "-keyout", str(folder / "key.pem"),
         "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    both = (folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes()
    (folder / "site.pem").write_bytes(both)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _install(Path(folder))
        for label, value in measure(Path(folder)).items():
            print(f"{label:75} {value:>10,.1f}", flush=True)


if __name__ == "__main__":
    main()
