"""The page on which people take their own certificate to their telephone, without signing in."""

from __future__ import annotations

import base64

from flask import Response, make_response, request

from edge.domain.errors import EdgeError
from edge.services.downloads import LASTS, OpenedPaper
from edge.web import serializers
from edge.web.answers import ProblemAnswer
from edge.web.context import Context
from edge.web.visit import Answer, draw


def own_certificate(context: Context) -> Answer:
    """Ask for the code on the paper and the date of birth; show what they open."""
    downloads, problem, opened = context.backend.downloads, None, None
    if request.method == "POST":
        form, address = request.form, request.remote_addr or ""
        try:
            opened = downloads.open(form.get("code", ""), form.get("born", ""), address)
        except EdgeError as error:
            if error.code == "page.unknown":
                raise
            problem = serializers.problem(error, context.language())
    else:
        downloads.demand_offered()
    return _page(context, problem, opened)


def own_pdf(context: Context) -> Answer:
    """Give one of the certificates that are open as a PDF; over means typing again."""
    form, address = request.form, request.remote_addr or ""
    try:
        data = context.backend.downloads.pdf(
            form.get("ticket", ""), form.get("certificate", ""), address
        )
    except EdgeError as error:
        if error.code == "page.unknown":
            raise
        return _page(context, serializers.problem(error, context.language()), None)
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="certificate.pdf"'
    return answer


def _page(context: Context, problem: ProblemAnswer | None, opened: OpenedPaper | None) -> Answer:
    backend, language = context.backend, context.language()
    codes = {
        own.issued.id: [
            (language.gettext(told), base64.b64encode(backend.qr_image(own.issued, name)).decode())
            for name, told in own.codes
        ]
        for own in (opened.certificates if opened else ())
    }
    drawn = draw(
        "my_certificate.html",
        language,
        backend,
        problem=problem,
        opened=opened,
        codes=codes,
        code=request.form.get("code", "")[:40] if problem else "",
        minutes=int(LASTS.total_seconds() // 60),
    )
    return make_response(drawn, 403 if problem else 200)
