"""The API of paired tablets: a program is taken in like one, and those who run a site see all."""

from __future__ import annotations

from edge.domain.device import Device
from edge.web import answers, calls
from edge.web.calls import ApiInput
from edge.web.device_answers import DeviceAnswer, DeviceKeyAnswer


def pair(call: ApiInput) -> DeviceKeyAnswer:
    """Take a device in with a pairing code; its key goes into the header ``Divoc-Device``."""
    given = calls.decode(calls.PAIR, call.body)
    key = call.backend.devices.pair(given.secret)
    return DeviceKeyAnswer(key=key)


def devices(call: ApiInput) -> list[DeviceAnswer]:
    """List the paired tablets, those in use first."""
    return [_answer(device) for device in call.backend.devices.all()]


def revoke(call: ApiInput) -> answers.PingAnswer:
    """Put a tablet out at its next request, with whoever is signed in on it."""
    call.backend.devices.revoke(call.values["id"], calls.signed_in(call.staff).code)
    return answers.PingAnswer(ok=True)


def _answer(device: Device) -> DeviceAnswer:
    return DeviceAnswer(
        id=device.id,
        name=device.name,
        paired_at=device.paired_at,
        paired_by=device.paired_by,
        seen_at=device.seen_at,
        revoked_at=device.revoked_at,
    )
