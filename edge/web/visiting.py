"""Makes the visit of somebody who is signed in, with what the tablet was set to."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from edge.domain.catalogue import Staff
from edge.web.context import Context
from edge.web.kept_forms import KeptForm
from edge.web.printer_pages import tablet_printer
from edge.web.ribbon_pages import tablet_choice
from edge.web.tablet_clock import note_tablet_clock
from edge.web.visit import Visit


def visit_of(context: Context, staff: Staff, kept: KeptForm | None = None) -> Visit:
    """Make the visit of somebody signed in, with the form of the request at hand or a kept one."""
    note_tablet_clock(context.backend, staff)
    form = kept.form if kept else request.form.to_dict()
    return visit_with(context, staff, form, unsaved=kept is not None)


def visit_with(
    context: Context, staff: Staff, form: Mapping[str, str], *, unsaved: bool = False
) -> Visit:
    """Make the visit of somebody signed in, with a form; the request's own is not read."""
    return Visit(
        context.backend,
        staff,
        context.language(),
        form,
        tablet_printer(context.backend),
        tablet_choice(),
        unsaved=unsaved,
    )
