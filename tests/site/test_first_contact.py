"""A new site tells its code, its people and its staff to the registry of its code, and nobody."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from memory_journal import sealing
from registry_server import Nation
from site_factory import fill

from edge.adapters.settings import Settings, read_settings
from edge.cli import main
from edge.cli.site import make_site
from edge.node import Node
from sync.protocol import frames
from sync.protocol.enrolment_codes import EnrolmentCode, read_code, short_fingerprint, write_code
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.keys import fingerprint
from sync.registry.registry import Registry

SECRET = "PLANTEDSECRET"


class Impostor:
    """Stands where the registry should: keeps all that it gets, and answers as it was made to."""

    def __init__(self, answer: Callable[[str, str, bytes], tuple[int, bytes]]) -> None:
        self.heard: list[bytes] = []
        impostor = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                head = f"{self.command} {self.path} {self.headers}".encode()
                impostor.heard.append(head + body)
                status, told = answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST = _answer  # noqa: N815  (the names are of the library)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def told(self) -> bytes:
        """Everything it got, with what is packed in it opened as anybody could."""
        found = b""
        for one in self.heard:
            found += one
            body = one.partition(b"\n\n")[2] or one.rpartition(b"\n")[2]
            if frames.is_frame(body):
                found += canonical(frames.unpack(body))
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def impostors() -> Iterator[Callable[..., Impostor]]:
    made: list[Impostor] = []

    def make(answer: Callable[[str, str, bytes], tuple[int, bytes]]) -> Impostor:
        made.append(Impostor(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


def site(folder: Path, url: str, told: str) -> Node:
    settings = Settings("DEMO01", registry=url, registry_fingerprint=told, enrolment_code=SECRET)
    make_site(folder, settings)
    node = Node(folder)
    fill(node)
    return node


def own_registry(key: Ed25519PrivateKey) -> Callable[[str, str, bytes], tuple[int, bytes]]:
    """Answer as a registry with a key of its own would, and take everybody in."""
    introduction = Registry(None, key, **sealing()).introduction()  # type: ignore[arg-type]

    def answer(_method: str, path: str, _body: bytes) -> tuple[int, bytes]:
        if path == "/v1":
            return 200, canonical({"protocol": {"min": 3, "max": 6}, "codings": ["zlib"]})
        return 200, canonical({**introduction, "node": "n"})

    return answer


def test_a_registry_with_another_key_hears_no_secret_no_person_and_no_member_of_staff(
    tmp_path: Path, impostors: Callable[..., Impostor]
) -> None:
    impostor = impostors(own_registry(Ed25519PrivateKey.generate()))
    node = site(
        tmp_path / "site",
        impostor.url,
        short_fingerprint(Ed25519PrivateKey.generate().public_key()),
    )
    try:
        done = node.registry.run()
        assert (done.state, done.code) == ("refused", "registry.other-key")
        assert len(impostor.heard) == 1  # it was asked for its key
        told = impostor.told()
        for planted in (SECRET, "DEMO01", "code", "facility", "PersonRegistered"):
            assert planted.encode() not in told.replace(b"Accept-Encoding", b"")
        again = node.registry.run()
        assert again.code == "registry.other-key"
    finally:
        node.close()


def test_who_shows_the_key_of_another_as_its_own_gets_nothing_that_can_be_read(
    tmp_path: Path, nation: Nation, impostors: Callable[..., Impostor]
) -> None:
    """It passes everything on between the site and the registry, and keeps a copy."""
    host = nation.url.removeprefix("http://")

    def passed_on(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        line = http.client.HTTPConnection(host, timeout=20)
        line.request(method, path, body or None)
        answer = line.getresponse()
        return answer.status, answer.read()

    impostor = impostors(passed_on)
    object.__setattr__(nation.registry, "codes", frozenset({SECRET}))
    node = site(tmp_path / "site", impostor.url, fingerprint(nation.registry.key.public_key()))
    try:
        done = node.registry.run()
        assert done.state == "synced", done
        enrolments = [one for one in impostor.heard if one.startswith(b"POST /v1/enrol")]
        assert set(frames.unpack(enrolments[0].partition(b"\n\n")[2])) == {
            "protocol",
            "sealed",
            "pad",
        }
        assert len(enrolments) > 1  # a request for a certificate, of a site that is known by then
        assert nation.store.nodes()  # it arrived nevertheless
        assert SECRET.encode() not in impostor.told()
    finally:
        node.close()


def test_a_site_that_was_told_no_fingerprint_asks_nobody_anything(
    tmp_path: Path, impostors: Callable[..., Impostor]
) -> None:
    impostor = impostors(own_registry(Ed25519PrivateKey.generate()))
    node = site(tmp_path / "site", impostor.url, "")
    try:
        done = node.registry.run()
        assert (done.state, done.code) == ("refused", "registry.no-fingerprint")
        assert "divoc-edge enrol" in done.trouble
        assert impostor.heard == []
    finally:
        node.close()


def test_a_site_that_is_enrolled_goes_on_without_a_fingerprint_in_its_settings(
    nation: Nation,
) -> None:
    node = nation.site("DEMO01", fill)
    nation.exchange(node)
    folder = node.folder
    node.close()
    text = (folder / "site.toml").read_text()
    line = f'registry_fingerprint = "{fingerprint(nation.registry.key.public_key())}"\n'
    assert line in text
    (folder / "site.toml").write_text(text.replace(line, ""))
    again = Node(folder)
    try:
        nation.store._run("DELETE FROM code")
        assert again.registry.run().state == "synced"
    finally:
        again.close()


CODE = EnrolmentCode("https://registry.example", "0123456789abcdef" * 2, "ABCDEFGHJKMN")


def edge(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=typed)


def test_the_command_takes_address_fingerprint_and_secret_from_one_code(tmp_path: Path) -> None:
    words = ("init", "--facility", "DEMO01", "--data", tmp_path / "site")
    mistyped = write_code(CODE).replace("-", "-Z", 1)[:-1]
    done = edge(*words, "--enrolment-code", typed=f"{mistyped}\n{write_code(CODE).lower()}\n")
    assert done.exit_code == 0, done.output
    assert "Group 2 of 13 of the enrolment code is mistyped" in done.output
    settings = read_settings(tmp_path / "site")
    assert settings.registry == CODE.address
    assert settings.registry_fingerprint == CODE.fingerprint
    node = Node(tmp_path / "site")
    node.close()
    assert node.settings.enrolment_code == CODE.secret
    assert CODE.secret not in (tmp_path / "site/site.toml").read_text()


def test_a_code_without_a_fingerprint_is_refused_with_what_to_do(tmp_path: Path) -> None:
    words = ("init", "--facility", "DEMO01", "--data", tmp_path / "site")
    done = edge(*words, "--enrolment-code-file", "-", typed="ABCD-EFGH-JKMN\n")
    assert done.exit_code != 0
    assert "ask the registry's office for a new one" in done.output
    assert not (tmp_path / "site").exists()


def test_a_site_that_stands_takes_a_code_later_and_no_other_registrys(
    tmp_path: Path, nation: Nation
) -> None:
    make_site(tmp_path / "site", Settings("DEMO01"))
    key = nation.registry.key.public_key()
    code = write_code(EnrolmentCode(nation.url, short_fingerprint(key), "code"))
    done = edge("enrol", "--data", tmp_path / "site", typed=f"{code}\n")
    assert done.exit_code == 0, done.output
    node = Node(tmp_path / "site")
    fill(node)
    assert node.registry.run().state == "synced"
    node.close()
    refused = edge("enrol", "--data", tmp_path / "site", typed=f"{write_code(CODE)}\n")
    assert refused.exit_code != 0
    assert "another key" in refused.output
    assert read_settings(tmp_path / "site").registry == nation.url
    differs = edge(
        "init", "--facility", "X", "--data", tmp_path / "new", "--registry",
        "https://elsewhere.example", "--enrolment-code", typed=f"{code}\n",
    )  # fmt: skip
    assert "is not the address in the enrolment code" in differs.output


@pytest.mark.parametrize("place", range(25, 89))
def test_one_wrong_sign_is_named_by_its_group(place: int) -> None:
    text = write_code(CODE)
    if text[place] == "-":
        return
    for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
        if sign == text[place]:
            continue
        with pytest.raises(ProtocolError) as refused:
            read_code(text[:place] + sign + text[place + 1 :])
        assert refused.value.code == "enrolment.group"
        assert refused.value.values["number"] == (place - 25) // 6 + 1


def test_groups_that_changed_places_or_are_missing_and_another_address_are_seen() -> None:
    address, _, rest = write_code(CODE).partition("#")
    groups = rest.split("-")
    for first in range(len(groups) - 1):
        moved = [*groups]
        moved[first], moved[first + 1] = moved[first + 1], moved[first]
        with pytest.raises(ProtocolError, match=f"Group {first + 1} of"):
            read_code(f"{address}#{'-'.join(moved)}")
    with pytest.raises(ProtocolError) as short:
        read_code(f"{address}#{'-'.join(groups[:-1])}")
    assert short.value.code in ("enrolment.whole", "enrolment.short")
    with pytest.raises(ProtocolError, match="does not fit"):
        read_code(write_code(CODE).replace("registry.example", "registry.exemple"))
    spoken = f" Registry.Example # {' '.join(groups).lower().replace('0', 'o').replace('1', 'l')} "
    assert read_code(spoken) == CODE
    assert SECRET not in repr(EnrolmentCode("stick", CODE.fingerprint, SECRET))


def test_a_code_of_nothing_but_noughts_is_of_no_known_version() -> None:
    groups: list[str] = []
    code = ""
    while code != "enrolment.version":
        assert len(groups) < 9
        for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":  # one is the right check at its place
            with pytest.raises(ProtocolError) as refused:
                read_code(f"https://registry.example#{'-'.join([*groups, f'0000{sign}'])}")
            code = refused.value.code
            if code != "enrolment.group":
                groups.append(f"0000{sign}")
                break
