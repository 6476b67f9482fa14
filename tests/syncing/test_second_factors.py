"""Who publishes and decides at the registry has a second factor: a code counts once, in its time."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from second_factors import app_code
from signed_messages import NOON, Centre, Sender

from sync.protocol.errors import ProtocolError
from sync.protocol.instants import instant
from sync.registry.audit import trim
from sync.registry.cli import main
from sync.registry.keys import registry_key
from sync.registry.second_factors import SecondFactors, recovery_digest
from sync.registry.store.interface import Store
from sync.registry.store.records import AuditLine, Operator
from sync.registry.store.stores import embedded, open_store
from sync.registry.web.access import COOKIE, token_digest
from sync.registry.web.policy import DECIDING, POLICY

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


class Desk:
    """An office with a clock, an admin, a steward and a viewer."""

    def __init__(self, store: Store) -> None:
        self.moment = NOON
        self.store = store
        self.centre = Centre(store, clock=lambda: self.moment)
        self.factors = SecondFactors(store, self.centre.registry.key, lambda: self.moment)
        for role in ("viewer", "steward", "admin"):
            store.add_operator(Operator(role, role, token_digest(f"{role}-token"), ""))
        self.secrets: dict[str, bytes] = {}

    def browser(self, role: str) -> FlaskClient:
        client = self.centre.client.application.test_client()
        assert client.post("/", data={"token": f"{role}-token"}).status_code == 303
        return client

    def send(self, client: FlaskClient, path: str, **data: str) -> tuple[int, str]:
        form = re.search('name="form" value="(.*?)"', client.get("/").text)
        assert form
        answer = client.post(path, data={"form": form[1], **data})
        return answer.status_code, answer.text

    def set_up(self, client: FlaskClient, role: str) -> list[str]:
        """Set up a second factor on the pages; give the recovery codes."""
        status, text = self.send(client, "/second-factor")
        assert status == 200, text
        shown = re.search('<code dir="ltr">([A-Z2-7 ]+)</code>', text)
        assert shown
        self.secrets[role] = base64.b32decode(shown[1].replace(" ", ""))
        status, text = self.send(client, "/second-factor/confirm", code=self.code(role))
        assert status == 200, text
        return re.findall('<li><code dir="ltr">([A-Z2-7-]+)</code>', text)

    def code(self, role: str, steps: int = 0) -> str:
        return app_code(self.secrets[role], self.moment, steps)

    def later(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def decides(desk: Desk, client: FlaskClient) -> int:
    """Try to make an enrolment code; give the status."""
    return desk.send(client, "/codes", facility="FAC01", days="3")[0]


def test_without_a_second_factor_a_steward_looks_and_decides_nothing(desk: Desk) -> None:
    steward = desk.browser("steward")
    for page in ("/", "/codes", "/revocations", "/alarms", "/second-factor"):
        answer = steward.get(page)
        assert answer.status_code == 200
        assert "To publish or decide, set up your second factor first." in answer.text
    status, text = desk.send(steward, "/codes", facility="FAC01", days="3")
    assert status == 403
    assert "You may look at everything here." in text
    assert desk.store.codes() == []
    refused = ("steward", "was refused", "made a code")
    assert refused in [(line.who, line.what, line.whom) for line in desk.store.audits()]
    viewer = desk.browser("viewer")
    assert "second factor" not in viewer.get("/").text
    assert viewer.get("/second-factor").status_code == 403


@pytest.mark.parametrize("role", sorted(DECIDING))
def test_no_form_that_decides_is_taken_without_a_second_factor(desk: Desk, role: str) -> None:
    site = Sender(desk.centre, 3)
    client = desk.browser(role)
    tried = 0
    for (method, path), rule in POLICY.items():
        if method != "POST" or rule.open or rule.alone or role not in rule.roles:
            continue
        url = path.replace("<node>", site.node)
        status, text = desk.send(client, url, state="stopped", name="steward")
        assert (status, "set up your second factor" in text) == (403, True), path
        bearer = {"Authorization": f"Bearer {role}-token"}
        program = desk.centre.client.application.test_client()
        assert program.post(url, headers=bearer, data={}).status_code == 403, path
        tried += 1
    assert tried >= 3
    known = desk.store.node(site.node)
    assert known
    assert known.state == "active"


def test_what_is_set_up_is_asked_for_at_each_sign_in_before_anything_is_shown(desk: Desk) -> None:
    steward = desk.browser("steward")
    assert len(desk.set_up(steward, "steward")) == 10
    assert decides(desk, steward) == 200  # this sign-in goes on
    again = desk.browser("steward")
    for page in ("/", "/codes", "/second-factor", "/nodes/x"):
        answer = again.get(page)
        assert answer.status_code == 401
        assert "Six digits from your app" in answer.text
        assert "/codes" not in answer.text
    assert desk.send(again, "/codes", facility="F", days="3")[0] == 401
    assert desk.send(again, "/second-factor")[0] == 401  # nobody makes another one so
    desk.later(seconds=30)
    assert desk.send(again, "/second-factor/code", code="000000")[0] == 400
    assert again.get("/").status_code == 401
    assert desk.send(again, "/second-factor/code", code=desk.code("steward"))[0] == 303
    assert again.get("/codes").status_code == 200
    assert decides(desk, again) == 200
    written = [(line.who, line.what) for line in desk.store.audits()]
    for what in ("set up a second factor", "gave a code", "a wrong second factor"):
        assert ("steward", what) in written


def test_who_signs_in_over_a_sign_in_ends_it(desk: Desk) -> None:
    browser = desk.browser("viewer")
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    thief = browser.application.test_client()
    thief.set_cookie(COOKIE, cookie.value)
    assert thief.get("/").status_code == 200
    browser.post("/", data={"token": "viewer-token"})
    assert browser.get("/").status_code == 200
    assert thief.get("/").status_code == 401


def test_a_code_counts_once_and_so_does_none_before_it(desk: Desk) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    check = desk.factors.check
    assert check("steward", desk.code("steward")) == ""  # it confirmed the second factor
    desk.later(minutes=10)
    late, now, early = (desk.code("steward", steps) for steps in (-1, 0, 1))
    assert check("steward", now) == "code"
    assert check("steward", now) == ""
    assert check("steward", late) == ""
    desk.later(minutes=10)
    assert check("steward", early) == ""


@pytest.mark.parametrize(("steps", "fits"), [(-2, ""), (-1, "code"), (1, "code"), (2, "")])
def test_a_clock_may_be_one_step_away_and_no_more(desk: Desk, steps: int, fits: str) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    desk.later(minutes=10)
    assert desk.factors.check("steward", desk.code("steward", steps)) == fits


@pytest.mark.parametrize("write", [
    lambda code: f" {code[:3]} {code[3:]} ",
    lambda code: "".join(chr(0x660 + int(digit)) for digit in code),  # Arabic-Indic
])  # fmt: skip
def test_digits_are_read_however_they_are_typed(desk: Desk, write: Callable[[str], str]) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    desk.later(minutes=10)
    assert desk.factors.check("steward", write(desk.code("steward"))) == "code"


def test_tries_are_counted_before_they_are_looked_at_and_wait_longer_and_longer(
    desk: Desk,
) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    desk.later(minutes=10)
    for _ in range(3):
        assert desk.factors.check("steward", "wrong") == ""
    waits = []
    for _ in range(14):
        with pytest.raises(ProtocolError) as slow:
            desk.factors.check("steward", desk.code("steward"))  # right ones are not looked at
        assert slow.value.code == "factor.slow"
        assert slow.value.retry_after
        waits.append(slow.value.retry_after)
        desk.later(seconds=slow.value.retry_after)
        assert desk.factors.check("steward", "wrong") == ""
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 3600
    other = SecondFactors(desk.store, desk.centre.registry.key, lambda: desk.moment)
    with pytest.raises(ProtocolError, match="too often"):
        other.check("steward", desk.code("steward"))  # also after a new start
    browser = desk.browser("steward")
    answer = desk.send(browser, "/second-factor/code", code="1")
    assert answer[0] == 429
    desk.later(hours=1)
    assert desk.factors.check("steward", desk.code("steward")) == "code"
    desk.later(seconds=60)
    assert desk.factors.check("steward", desk.code("steward")) == "code"  # and nothing waits


def test_two_who_guess_at_the_same_moment_have_one_try(desk: Desk, store: Store) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    found = store.second_factor("steward")
    assert found
    now = instant(desk.moment)
    assert store.count_try("steward", found.tries, now)
    assert not store.count_try("steward", found.tries, now)


def test_of_two_who_give_one_code_at_the_same_moment_one_is_let_in(desk: Desk) -> None:
    codes = desk.set_up(desk.browser("steward"), "steward")
    step = int(desk.moment.timestamp()) // 30
    store, now = desk.store, instant(desk.moment)
    assert [store.use_step("steward", at) for at in (step + 5, step + 5, step + 4)] == [
        True, False, False,
    ]  # fmt: skip
    digest = recovery_digest("steward", codes[0])
    assert [store.use_recovery_code("steward", digest, now) for _ in range(2)] == [True, False]
    assert not store.use_recovery_code("admin", recovery_digest("admin", codes[1]), now)


def test_a_recovery_code_opens_one_sign_in_and_is_kept_as_a_digest(desk: Desk) -> None:
    codes = desk.set_up(desk.browser("steward"), "steward")
    assert len(set(codes)) == 10
    again = desk.browser("steward")
    typed = codes[3].lower().replace("-", " ")
    assert desk.send(again, "/second-factor/code", code=typed)[0] == 303
    assert again.get("/codes").status_code == 200
    assert "9" in again.get("/second-factor").text
    third = desk.browser("steward")
    assert desk.send(third, "/second-factor/code", code=codes[3])[0] == 400
    assert desk.send(third, "/second-factor/code", code=codes[4])[0] == 303
    kept = str(desk.store._rows("SELECT * FROM recovery_code"))  # type: ignore[attr-defined]
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert ("used a recovery code", "9") in [(one.what, one.whom) for one in desk.store.audits()]


def test_the_secret_is_sealed_under_the_registrys_key_and_to_its_operator(desk: Desk) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    kept = desk.store.second_factor("steward")
    assert kept
    assert desk.secrets["steward"].hex() not in kept.secret
    desk.later(minutes=1)
    other = SecondFactors(desk.store, KEY, lambda: desk.moment)
    with pytest.raises(ProtocolError, match="under another key"):
        other.check("steward", desk.code("steward"))
    # Whoever writes into the database gives nobody a secret of another's.
    desk.store.begin_second_factor("admin", kept.secret)
    desk.store.confirm_second_factor("admin", 0, [], instant(desk.moment))
    with pytest.raises(ProtocolError, match="under another key"):
        desk.factors.check("admin", desk.code("steward"))


def test_the_token_of_who_has_a_second_factor_opens_nothing_to_a_program(desk: Desk) -> None:
    admin = {"Authorization": "Bearer admin-token"}
    program = desk.centre.client.application.test_client()
    assert program.get("/v1/nodes", headers=admin).status_code == 200
    desk.set_up(desk.browser("admin"), "admin")
    refused = program.get("/v1/nodes", headers=admin)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "operator.program")


def test_another_admin_resets_a_second_factor_and_nobody_his_own(desk: Desk) -> None:
    steward = desk.browser("steward")
    codes = desk.set_up(steward, "steward")
    admin = desk.browser("admin")
    assert desk.send(admin, "/operators", name="steward")[0] == 403  # he has none himself
    desk.set_up(admin, "admin")
    page = admin.get("/operators").text
    assert page.count("Reset the second factor</button>") == 1
    assert desk.send(admin, "/operators", name="admin")[0] == 403
    assert desk.send(admin, "/operators", name="nobody")[0] == 404
    assert desk.send(admin, "/operators", name="steward")[0] == 303
    assert steward.get("/codes").status_code == 200  # looks on, and decides no more
    assert decides(desk, steward) == 403
    line = ("admin", "reset the second factor of", "steward")
    assert line in [(one.who, one.what, one.whom) for one in desk.store.audits()]
    desk.set_up(steward, "steward")
    assert decides(desk, steward) == 200
    assert desk.factors.check("steward", codes[0]) == ""  # those of before count no more


def test_a_second_factor_goes_with_its_operator_and_not_with_the_token(desk: Desk) -> None:
    desk.set_up(desk.browser("steward"), "steward")
    desk.store.add_operator(Operator("steward", "steward", token_digest("steward-token"), ""))
    assert desk.factors.counts("steward")
    desk.store.remove_operator("steward")
    assert not desk.factors.counts("steward")
    assert desk.store.recovery_codes("steward") == 0


def test_a_second_factor_that_was_not_confirmed_can_be_begun_again(desk: Desk) -> None:
    steward = desk.browser("steward")
    status, first = desk.send(steward, "/second-factor")
    assert status == 200
    assert desk.send(steward, "/second-factor/confirm", code="000000")[0] == 400
    assert desk.browser("steward").get("/codes").status_code == 200  # no code is asked for yet
    assert desk.send(steward, "/second-factor")[1] != first
    desk.set_up(steward, "steward")
    assert desk.send(steward, "/second-factor")[0] == 409


@pytest.mark.parametrize("confirmed", [False, True])
def test_who_has_to_wait_for_the_next_code_is_told_how_long(desk: Desk, confirmed: bool) -> None:
    """On the page that asks for it, while it is set up and when it counts."""
    steward = desk.browser("steward")
    desk.send(steward, "/second-factor")
    if confirmed:
        desk.set_up(steward, "steward")
        steward = desk.browser("steward")
    path = "/second-factor/code" if confirmed else "/second-factor/confirm"
    for _ in range(3):
        assert desk.send(steward, path, code="000000")[0] == 400
    form = re.search('name="form" value="(.*?)"', steward.get("/").text)
    assert form
    answer = steward.post(path, data={"form": form[1], "code": "000000"})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, "2")
    assert "Codes were wrong too often. Wait 2 seconds." in answer.text


def test_the_commands_set_a_second_factor_up_and_reset_it(tmp_path: Path) -> None:
    def run(*words: str, typed: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)], input=typed)
        return done.exit_code, done.output

    assert run("operator", "add", "Amina", "--role", "steward")[0] == 0
    assert run("operator", "add", "Reader", "--role", "reader")[0] == 0
    code, told = run("operator", "second-factor", "Amina", typed="000000\n")
    assert code == 1
    assert "The code is wrong" in told
    assert run("operator", "second-factor", "Reader")[0] == 1
    assert run("operator", "second-factor", "Nobody")[0] == 1
    assert run("operator", "reset-second-factor", "Reader", "--by", "Dr Osei")[0] == 1
    assert run("operator", "reset-second-factor", "Amina", "--by", "Dr Osei")[0] == 0
    store = open_store(embedded(tmp_path))
    assert store.second_factor("Amina") is None
    assert (store.audits()[0].who, store.audits()[0].whom) == ("Dr Osei (command line)", "Amina")
    store.close()


def test_the_command_takes_what_the_app_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(*_: object, **__: object) -> str:
        seen = open_store(embedded(tmp_path))
        now = datetime.now(UTC)
        made = SecondFactors(seen, registry_key(tmp_path), lambda: now).begun("operator")
        seen.close()
        assert made
        return app_code(base64.b32decode(made.secret.replace(" ", "")), now)

    monkeypatch.setattr("sync.registry.cli.factors.click.prompt", typed)
    assert CliRunner().invoke(main, ["migrate", "--data", str(tmp_path)]).exit_code == 0
    words = ["operator", "second-factor", "operator", "--data", str(tmp_path)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert len(re.findall("^  ([A-Z2-7]{4}-){3}[A-Z2-7]{4}$", done.output, re.MULTILINE)) == 10
    assert "█" in done.output
    store = open_store(embedded(tmp_path))
    kept = store.second_factor("operator")
    assert kept
    assert kept.confirmed_at
    assert store.recovery_codes("operator") == 10
    store.close()


def test_lines_of_the_audit_older_than_the_rule_go_and_a_line_says_so(store: Store) -> None:
    for days in (400, 366, 364, 0):
        at = instant(NOON - timedelta(days=days))
        store.audit(AuditLine(at, "Amina", f"{days}", ""))
    assert trim(store, 365, "Dr Osei (command line)", NOON) == 2
    (said,) = [line for line in store.audits() if line.what == "trimmed the audit"]
    assert (said.who, said.whom) == ("Dr Osei (command line)", "2 < 2025-11-24 (365 d)")
    assert {line.what for line in store.audits()} == {"364", "0", "trimmed the audit"}
    assert trim(store, 365, "x", NOON) == 0
    assert len(store.audits()) == 3  # nothing was forgotten, and nothing is said


def test_the_command_trims_the_audit_and_not_what_is_young(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["audit", "trim", *words, "--data", str(tmp_path)])
        return done.exit_code, done.output

    store = open_store(embedded(tmp_path))
    store.audit(AuditLine("2020-01-01T00:00:00.000Z", "Amina", "looked", ""))
    store.close()
    assert run("--by", "Dr Osei", "--days", "29")[0] == 2
    assert json.loads(run("--by", "Dr Osei", "--days", "30", "--json")[1])["forgotten"] == 1
    assert json.loads(run("--by", "Dr Osei", "--json")[1])["forgotten"] == 0
