"""What is wrong between a printer and its profile, and the fields with which it is put right.

Pure: what was found out goes in, sentences and fields come out. The spooler judges by the same
answers (``printers.condition``), so what is well here prints there.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from printers.connections.ipp import is_raw
from printers.connections.ipp_message import Response
from printers.errors import PrinterError
from printers.identity import Identity
from printers.languages.brother_ql import TAPES
from printers.probe import Abilities
from printers.profile import Profile, known_of

_QUESTIONS = {
    "process-id": "GS ( H",
    "transmit-status": "GS r 1",
    "real-time-status": "DLE EOT",
    "none": "no question",
}

MUTE = PrinterError(
    "printer.mute",
    "It answers nothing, as its profile says: a person looks at every slip.",
)


def printer_troubles(abilities: Abilities, profile: Profile) -> list[PrinterError]:
    """Say what is wrong with a printer that answers, or with what its profile says of it."""
    if abilities.trouble is not None:
        return [abilities.trouble]
    told = []
    best = abilities.confirmation
    if not abilities.confirms(profile.confirmation):
        told.append(
            PrinterError(
                "profile.promises-proof",
                "The profile {profile} waits for an answer to {question}, which this printer does"
                " not give: every slip would be unknown. Give it a profile with confirmation:"
                " {best}.",
                profile=profile.name,
                question=_QUESTIONS[profile.confirmation],
                best=best,
            )
        )
    if abilities.native_qr is not None and profile.native_qr > abilities.native_qr:
        told.append(
            PrinterError(
                "profile.promises-qr",
                "The profile {profile} lets the printer make QR codes of {most} bytes, but it says"
                " that it takes {told}: print the calibration slip and keep its result.",
                profile=profile.name,
                most=profile.native_qr,
                told=abilities.native_qr,
            )
        )
    if profile.cutter and abilities.cutter is False:
        told.append(
            PrinterError(
                "profile.promises-cutter",
                "The profile {profile} cuts the paper, but this printer has no cutter: give it a"
                " profile with cutter: false.",
                profile=profile.name,
            )
        )
    return told + _model_troubles(known_of(abilities.model), profile)


def _model_troubles(known: Mapping[str, int], profile: Profile) -> list[PrinterError]:
    """Say where the database of printers knows a model's dots otherwise."""
    told = []
    resolution, width = known.get("dots_per_inch"), known.get("width")
    if resolution not in (None, profile.dots_per_inch):
        told.append(_other_resolution(resolution, profile))
    if width is not None and profile.width > width:
        told.append(
            PrinterError(
                "profile.too-wide",
                "This printer prints {told} dots across, and the profile {profile} says {set_}: the"
                " right edge would be cut off. Give it a profile with width: {told}.",
                told=width,
                profile=profile.name,
                set_=profile.width,
            )
        )
    return told


def _other_resolution(told: int | None, profile: Profile) -> PrinterError:
    return PrinterError(
        "profile.other-resolution",
        "The printer has {told} dots an inch, and the profile {profile} says {set_}: codes"
        " would come out in another size. Give it a profile with dots_per_inch: {told}.",
        told=told,
        profile=profile.name,
        set_=profile.dots_per_inch,
    )


def fitting(abilities: Abilities, profile: Profile) -> dict[str, object]:
    """Give the fields that the profile of an ESC/POS printer must have otherwise."""
    if abilities.trouble is not None:
        return {}
    found: dict[str, object] = {}
    if not abilities.confirms(profile.confirmation):
        found["confirmation"] = abilities.confirmation
    if abilities.native_qr is not None and profile.native_qr > abilities.native_qr:
        found["native_qr"] = 0  # until paper has shown what it takes
    if profile.cutter and abilities.cutter is False:
        found["cutter"] = False
    known = known_of(abilities.model)
    if _model_troubles(known, profile):
        found |= _dots(known, profile)
    return found


def _dots(known: Mapping[str, int], profile: Profile) -> Mapping[str, int]:
    """Give a model's dots; of a roll that is narrower than its widest as many as that roll has."""
    resolution = known.get("dots_per_inch", profile.dots_per_inch)
    width = profile.width * resolution // profile.dots_per_inch // 8 * 8
    if profile.width >= known.get("width", 0):
        return known
    columns = width * known["columns"] // known["width"]
    return {"width": width, "columns": columns, "dots_per_inch": resolution}


def fitting_identity(found: Identity | None, profile: Profile) -> dict[str, object]:
    """Give the fields that the profile of a printer of another language must have otherwise."""
    if found is None:
        return {} if profile.confirmation == "none" else {"confirmation": "none"}
    fields: dict[str, object] = {}
    if found.dots_per_inch not in (0, profile.dots_per_inch):
        fields["dots_per_inch"] = found.dots_per_inch
        fields["width"] = profile.width * found.dots_per_inch // profile.dots_per_inch
    if found.labels in TAPES and found.labels != (profile.paper_width, profile.paper_length):
        fields["paper_width"], fields["paper_length"] = found.labels
        fields["width"] = TAPES[found.labels][0]
    return fields


def identity_troubles(found: Identity | None, profile: Profile, address: str) -> list[PrinterError]:
    """Say what is wrong with a printer of another language, or with its profile."""
    if found is None:
        return [] if profile.confirmation == "none" else [silence(address, None)]
    told = [found.trouble] if found.trouble else []
    if found.dots_per_inch not in (0, profile.dots_per_inch):
        told.append(_other_resolution(found.dots_per_inch, profile))
    paper = (profile.paper_width, profile.paper_length)
    if found.labels is not None and found.labels != paper:
        told.append(
            PrinterError(
                "profile.other-labels",
                "There are labels of {told} mm in the printer, and the profile {profile} is for"
                " {set_} mm: put in those, or give it the profile of these.",
                told=" x ".join(map(str, found.labels)),
                profile=profile.name,
                set_=" x ".join(map(str, paper)),
            )
        )
    return told


def queue_troubles(told: Response, address: str, profile: Profile) -> list[PrinterError]:
    """Say what is wrong with a queue that takes pages."""
    troubles = []
    if profile.language != "pdf":
        troubles.append(
            PrinterError(
                "profile.not-pages",
                "Only pages go to {address}, and the profile {profile} makes {language}: give it"
                " one such as page-a6, or the printer's own address.",
                address=address,
                profile=profile.name,
                language=profile.language,
            )
        )
    if is_raw(told):
        troubles.append(
            PrinterError(
                "printer.raw-queue",
                "{address} is a raw queue, which CUPS is giving up and which prints a page as"
                " letters: make it anew with a driver (lpadmin -m everywhere).",
                address=address,
            )
        )
    return troubles


def able(abilities: Abilities) -> str:
    """Say in a line what a printer can do."""
    told = [
        *(["DLE EOT"] if abilities.real_time else []),
        *(["GS a"] if abilities.automatic else []),
        *(["GS r"] if abilities.transmit else []),
        *(["GS ( H"] if abilities.process_id else []),
        *(["cutter"] if abilities.cutter else []),
        *([f"says QR to {abilities.native_qr} bytes"] if abilities.native_qr else []),
    ]
    name = " ".join(filter(None, (abilities.maker, abilities.model, abilities.firmware)))
    return f"{name or 'unnamed'}: {', '.join(told) or 'answers nothing'}"


def silence(address: str, speed: int | None) -> PrinterError:
    """Say what helps a printer that answers nothing; ``speed``: the one at which it does."""
    parts = urlsplit(address)
    if parts.scheme == "serial":
        set_ = parse_qs(parts.query).get("baud", ["9600"])[-1]
        if speed is not None and set_ != str(speed):
            return PrinterError(
                "printer.wrong-speed",
                "The printer answers at {speed} baud, not at {set_}: write baud={speed} into its"
                " address.",
                speed=speed,
                set_=set_,
            )
        return PrinterError(
            "printer.no-answer",
            "Nothing answers on {path}: check that the printer is on, its cable, and with its"
            " self-test slip that it is set to {set_} baud.",
            path=parts.path,
            set_=set_,
        )
    if parts.scheme == "tcp":
        return PrinterError(
            "printer.no-answer",
            "The printer takes the connection but answers nothing: another computer may hold this"
            " printer, or it still prints. Let it finish, else switch it off and on; if slips come"
            " out all the same, it is mute: a person looks at each of them (confirmation: none).",
        )
    return PrinterError(
        "printer.no-answer",
        "The printer takes data but answers nothing: let it finish what it prints, else switch it"
        " off and on; if slips come out all the same, it is mute: a person looks at each of them"
        " (confirmation: none).",
    )
