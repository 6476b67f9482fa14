"""Pairing: the tablet that is taken in, and the page on which tablets are taken in and put out."""

from __future__ import annotations

from flask import make_response, redirect, request

from edge.adapters.addresses import url
from edge.domain.errors import EdgeError
from edge.services.devices import PairingCode
from edge.web import serializers
from edge.web.backend import Backend
from edge.web.context import Context
from edge.web.device_key import device_id, keep_device_key, paired_device
from edge.web.qr_pictures import qr_drawing
from edge.web.visit import Answer, Visit, draw, form_missing, page_or_refusal


def pair(context: Context) -> Answer:
    """Take this tablet in; its secret stands behind the address's #, which no server is sent."""
    problem, before = None, paired_device(context.backend)
    if request.method == "POST":
        try:
            key = context.backend.devices.pair(request.form.get("secret", ""))
        except EdgeError as error:
            problem = serializers.problem(error, context.language())
        else:
            if before:  # its old key is lost with this answer
                context.backend.devices.revoke(before.id, "paired anew")
            response = make_response(redirect("/sign-in", 303))
            keep_device_key(response, key)
            return response
    drawn = draw("pair.html", context.language(), context.backend, problem=problem)
    return page_or_refusal(problem, drawn)


def tablets(visit: Visit) -> Answer:
    """List the paired tablets, make a set-up sheet for one more, put one out."""
    problem, code, devices = None, None, visit.backend.devices
    if request.method == "POST":
        try:
            if visit.form.get("do") == "revoke":
                devices.revoke(visit.form.get("device") or form_missing("device"), visit.staff.code)
                return redirect("/tablets", 303)  # type: ignore[return-value]
            code = devices.invite(visit.form.get("name", ""), visit.staff.code)
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    link = pairing_link(visit.backend, code) if code else ""
    drawn = visit.page(
        "tablets.html",
        problem=problem,
        code=code,
        link=link,
        qr=qr_drawing(link) if link else None,
        devices=devices.all(),
        here=device_id(visit.backend),
        demanded=devices.demanded,
        tls=visit.backend.tls.state() if visit.backend.tls else None,
        trust_address=visit.backend.trust_address,
    )
    return page_or_refusal(problem, drawn)


def pairing_link(backend: Backend, code: PairingCode) -> str:
    """Give the address that a tablet opens to be paired."""
    base = url("https", backend.tls.host, backend.port, "") if backend.tls else request.host_url
    return f"{base.rstrip('/')}/pair#{code.secret}"
