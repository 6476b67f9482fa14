"""The slips of a campaign as pictures, before any site has it: of somebody with a long name."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from edge.campaign.catalogue import to_catalogue
from edge.domain.catalogue import NARROW, WIDE, Catalogue, Programme
from edge.domain.certificate import Claims
from edge.domain.dose import Dose
from edge.domain.errors import NotFound
from edge.domain.people import Person
from edge.domain.phrases import label
from edge.extensions import installed
from edge.journal.views import DoseRecord, IssuedCertificate
from edge.office.wording import OfficeText
from edge.services.certificates.formats import load_formats
from edge.services.printing.paper_fit import DOTS, sample_claims, sample_payloads
from edge.slips import values
from edge.slips.codes import left_to_list
from edge.slips.layout import Print, lay_out
from edge.web.translations import Language, speaker
from edge.wiring.printing import shipped_templates
from printers.fonts import Fonts
from printers.profile import Profile
from printers.qr import fits
from sync.registry.drafts.tools import SlipPicture

_KINDS: Mapping[str, str] = {
    "certificate": label("Certificate"),
    "appointment": label("Next appointment"),
    "sticker": label("Sticker for a card"),
}
_COLUMNS = {NARROW: 32, WIDE: 48}
_MARK = "~"
"""Between the parts of a preview's name: kind, programme, millimetres, format."""


class SlipPictures:
    """Draws what a campaign's printers would print, from the very bytes they would be sent."""

    def __init__(self, text: OfficeText) -> None:
        self._speak = speaker(text.languages)
        self._more = installed()
        self._formats = load_formats(self._more.formats).issuing

    @cached_property
    def _fonts(self) -> Fonts:
        self._folder = tempfile.TemporaryDirectory(prefix="divoc-fonts-")
        return Fonts(Path(self._folder.name))

    def named(self, body: Mapping[str, Any], language: Language) -> list[SlipPicture]:
        """Name every slip: for each programme and width of paper, a certificate of each format."""
        return [
            SlipPicture(name, self._title(catalogue, name, language))
            for catalogue in [to_catalogue(body)]
            for name in self._names(catalogue)
        ]

    def drawn(self, body: Mapping[str, Any], name: str) -> bytes:
        """Draw a slip as PNG; raises :class:`NotFound` for one that there is not."""
        catalogue = to_catalogue(body)
        if name not in self._names(catalogue):
            raise NotFound("slip.unknown", "There is no slip {slip}.", slip=name)
        kind, programme, paper, form = name.split(_MARK)
        dots = DOTS[int(paper)]
        profile = Profile(f"{paper} mm", "escpos", dots, _COLUMNS[int(paper)])
        record = _sample(catalogue, catalogue.programmes[programme])
        speech = self._speak(catalogue)
        own: dict[str, Any] = dict(values.dose_values(record, catalogue, speech))
        if kind == "certificate":
            formats = {form: self._formats[form]}
            code = sample_payloads(catalogue, formats)(form, record.dose.vaccine)
            issued = _certificate(record, form)
            codes = {form: code} if fits(code, dots) else {}
            own |= values.certificate_values(issued, catalogue, codes, speech)
        own["person_qr"] = record.person.code.encode()
        site = values.site_values(catalogue, record.dose.facility, f"{record.dose.on} 09:00")
        template = catalogue.templates.get(kind) or shipped_templates()[kind]
        this = Print(1, 1, f"{record.dose.on} 09:00", record.certificate)
        document = lay_out(
            template,
            left_to_list(template, {**site, **own}),
            this,
            speech.say,
            rtl=speech.rtl,
            pictures=catalogue.pictures,
        )
        image = self._more.drivers.draw(document, profile, self._fonts)
        written = io.BytesIO()
        image.convert("1").save(written, format="PNG")
        return written.getvalue()

    def _names(self, catalogue: Catalogue) -> Iterator[str]:
        for programme in catalogue.programmes.values():
            for paper in (NARROW, WIDE):
                for form in programme.certificates.formats:
                    if form in self._formats:
                        yield _MARK.join(("certificate", programme.id, str(paper), form))
                for kind in ("appointment", "sticker"):
                    if kind == "appointment" and not _sample(catalogue, programme).next_due:
                        continue  # no dose follows
                    yield _MARK.join((kind, programme.id, str(paper), ""))

    @staticmethod
    def _title(catalogue: Catalogue, name: str, language: Language) -> str:
        kind, programme, paper, form = name.split(_MARK)
        told = [
            catalogue.programmes[programme].name,
            language.gettext(_KINDS[kind]),
            *([form] if form else []),
            f"{paper} mm",
        ]
        return " · ".join(told)


def _sample(catalogue: Catalogue, programme: Programme) -> DoseRecord:
    """Make up a dose of a programme, of the one whose claims a sample's code holds."""
    claims = sample_claims(catalogue)
    facility = max(catalogue.facilities.values(), key=lambda place: len(place.name))
    staff = max(catalogue.staff.values(), key=lambda member: len(member.name))
    vaccine = programme.vaccines[0]
    series = [each for antigen in programme.schedule.antigens.values() for each in antigen.series]
    total = len(series[0].doses) if len(series) == 1 else catalogue.vaccines[vaccine].total_doses
    dose = Dose(
        id="",
        person="",
        programme=programme.id,
        vaccine=vaccine,
        number=1,
        total=total,
        lot=claims.lot,
        on=claims.on,
        facility=facility.code,
        vaccinator=staff.code,
    )
    return DoseRecord(
        dose,
        _person(claims),
        claims.issued_at.isoformat(),
        claims.on + timedelta(days=400),
        None,
        claims.on + timedelta(days=28) if total > 1 else None,
        claims.certificate_id,
        None,
        "",
    )


def _person(claims: Claims) -> Person:
    return Person(
        id="",
        code=claims.ref_id,
        name=claims.name,
        gender="Female",
        birth_date=claims.birth_date,
        nationality=claims.nationality,
    )


def _certificate(record: DoseRecord, form: str) -> IssuedCertificate:
    number = record.certificate
    return IssuedCertificate(number, "", "", "", record.given_at, "", "", "", "", {form: ""})
