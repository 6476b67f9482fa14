"""CDC's CDSi supporting data (XML, version 4) as a schedule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

from edge.domain.errors import BadInput
from edge.domain.schedule.calendar import Period, period
from edge.domain.schedule.conditions import CONDITIONS, LOGICS
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    Conflict,
    Contraindication,
    Immunity,
    Indication,
    IntervalRule,
    Schedule,
    Series,
    Skip,
    SkipCondition,
    SkipSet,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)

Node = ElementTree.Element
_NOTHING = ("", "n/a", "none")
_AGAINST = "contraindications"


def read_supporting_data(folder: Path) -> Schedule:
    """Read ``antigen-*.xml`` and ``schedulesupportingdata.xml`` of a folder.

    Raises :class:`BadInput` naming the file, and the value that is not understood.
    """
    files = sorted(folder.glob("antigen-*.xml"))
    if not files:
        raise BadInput(
            "schedule.none",
            "There is no supporting data in {folder}.",
            hint="It has files called antigen-….xml and schedulesupportingdata.xml.",
            folder=folder,
        )
    general = _root(folder / "schedulesupportingdata.xml")
    try:
        antigens = [_antigen(_root(path)) for path in files]
        return Schedule(
            antigens={antigen.name: antigen for antigen in antigens},
            vaccines={
                _text(node, "cvx"): tuple(
                    _association(association) for association in node.iter("association")
                )
                for node in general.iter("cvxMap")
            },
            groups=_groups(general),
            conflicts=_conflicts(general),
        )
    except (ValueError, KeyError) as error:
        raise BadInput(
            "schedule.value",
            "The supporting data in {folder} has a value that is not understood: {value}.",
            folder=folder,
            value=str(error)[:80],
        ) from None


def _root(path: Path) -> Node:
    try:
        return ElementTree.parse(path).getroot()  # noqa: S314  (a file the technician chose)
    except (OSError, ElementTree.ParseError) as error:
        raise BadInput(
            "schedule.file", "The file {file} cannot be read as XML.", file=path.name
        ) from error


def _groups(general: Node) -> dict[str, VaccineGroup]:
    whole = {
        _text(node, "name"): _text(node, "administerFullVaccineGroup") == "Yes"
        for node in general.iter("vaccineGroup")
    }
    return {
        _text(node, "name"): VaccineGroup(
            _text(node, "name"),
            tuple(antigen.text.strip() for antigen in node.findall("antigen") if antigen.text),
            whole.get(_text(node, "name"), False),
        )
        for node in general.iter("vaccineGroupMap")
    }


def _antigen(root: Node) -> Antigen:
    series = tuple(_series(node) for node in root.findall("series"))
    immunity = root.find("immunity")
    return Antigen(
        name=series[0].antigen,
        series=series,
        immunity=_immunity(immunity) if immunity is not None else Immunity(),
        contraindications=(
            *(_against(node) for node in root.findall(f"{_AGAINST}/vaccineGroup/contraindication")),
            *(
                _against(node, vaccine)
                for node in root.findall(f"{_AGAINST}/vaccine/contraindication")
                for vaccine in node.findall("contraindicatedVaccine")
            ),
        ),
    )


def _against(node: Node, vaccine: Node | None = None) -> Contraindication:
    ages = node if vaccine is None else vaccine
    return Contraindication(
        seen=frozenset([_text(node, "observationCode")]),
        begin=_age(ages, "beginAge"),
        end=_age(ages, "endAge"),
        vaccines=frozenset() if vaccine is None else frozenset([_text(vaccine, "cvx")]),
    )


def _immunity(node: Node) -> Immunity:
    birth = node.find("dateOfBirth")
    return Immunity(
        born_before=_date(_text(birth, "immunityBirthDate")) if birth is not None else None,
        observations=frozenset(
            _text(history, "guidelineCode") for history in node.findall("clinicalHistory")
        )
        - {""},
        exclusions=frozenset(
            _text(exclusion, "exclusionCode") for exclusion in node.findall("dateOfBirth/exclusion")
        )
        - {""},
    )


def _series(node: Node) -> Series:
    chosen = node.find("selectSeries")
    if chosen is None:
        raise KeyError("selectSeries")
    return Series(
        name=_text(node, "seriesName"),
        antigen=_text(node, "targetDisease"),
        kind=_text(node, "seriesType"),
        genders=frozenset(_texts(node, "requiredGender")),
        default=_text(chosen, "defaultSeries") == "Yes",
        product_path=_text(chosen, "productPath") == "Yes",
        group=_text(chosen, "seriesGroup") or "1",
        priority=_text(chosen, "seriesPriority") or "Z",
        preference=int(_text(chosen, "seriesPreference") or 99),
        min_start=_age(chosen, "minAgeToStart"),
        max_start=_age(chosen, "maxAgeToStart"),
        equivalent_groups=frozenset(_texts(node, "equivalentSeriesGroups")),
        indications=tuple(
            Indication(
                _text(indication, "observationCode/code"),
                _age(indication, "beginAge"),
                _age(indication, "endAge"),
            )
            for indication in node.findall("indication")
            if len(indication)
        ),
        doses=tuple(_dose(dose) for dose in node.findall("seriesDose")),
    )


def _dose(node: Node) -> TargetDose:
    season = node.find("seasonalRecommendation")
    return TargetDose(
        ages=tuple(_ages(age) for age in node.findall("age") if len(age)),
        intervals=tuple(
            _interval(interval) for interval in node.findall("interval") if len(interval)
        ),
        allowable_intervals=tuple(
            _interval(interval) for interval in node.findall("allowableInterval") if len(interval)
        ),
        preferable=tuple(
            _vaccine(vaccine) for vaccine in node.findall("preferableVaccine") if len(vaccine)
        ),
        allowable=tuple(
            _vaccine(vaccine) for vaccine in node.findall("allowableVaccine") if len(vaccine)
        ),
        inadvertent=frozenset(
            _text(vaccine, "cvx") for vaccine in node.findall("inadvertentVaccine") if len(vaccine)
        ),
        skips=tuple(_skip(skip) for skip in node.findall("conditionalSkip") if len(skip)),
        recurring=_text(node, "recurringDose") == "Yes",
        season=(_date(_text(season, "startDate")), _date(_text(season, "endDate")))
        if season is not None
        else (None, None),
    )


def _ages(node: Node) -> AgeRule:
    return AgeRule(
        _age(node, "absMinAge"),
        _age(node, "minAge"),
        _age(node, "earliestRecAge"),
        _age(node, "latestRecAge"),
        _age(node, "maxAge"),
        _date(_text(node, "effectiveDate")),
        _date(_text(node, "cessationDate")),
    )


def _interval(node: Node) -> IntervalRule:
    return IntervalRule(
        from_previous=_text(node, "fromPrevious") == "Y",
        from_target=int(_text(node, "fromTargetDose") or 0),
        from_most_recent=frozenset(re.findall(r"\d+", _text(node, "fromMostRecent"))),
        from_observation=_text(node, "fromRelevantObs/code") or _text(node, "fromRelevantObs"),
        absolute_min=_age(node, "absMinInt"),
        min=_age(node, "minInt"),
        earliest=_age(node, "earliestRecInt"),
        latest=_age(node, "latestRecInt"),
        effective=_date(_text(node, "effectiveDate")),
        cessation=_date(_text(node, "cessationDate")),
    )


def _vaccine(node: Node) -> VaccineRule:
    return VaccineRule(
        _text(node, "cvx"),
        _age(node, "beginAge"),
        _age(node, "endAge"),
        _text(node, "mvx"),
        _text(node, "forecastVaccineType") == "Y",
        float(_text(node, "volume") or 0),
    )


def _skip(node: Node) -> Skip:
    context = _text(node, "context")
    return Skip(
        evaluation=context in ("Evaluation", "Both"),
        forecast=context in ("Forecast", "Both"),
        sets=tuple(
            SkipSet(
                tuple(_condition(inner) for inner in element.findall("condition")),
                _text(element, "conditionLogic") == "OR",
                _date(_text(element, "effectiveDate")),
                _date(_text(element, "cessationDate")),
            )
            for element in node.findall("set")
        ),
        any_of=_text(node, "setLogic") != "AND",
    )


def _condition(node: Node) -> SkipCondition:
    kind = _text(node, "conditionType").casefold()
    logic = _text(node, "doseCountLogic").casefold()
    if kind not in CONDITIONS or (kind.startswith("vaccine count") and logic not in LOGICS):
        raise ValueError(f"{kind} {logic}".strip())
    return SkipCondition(
        kind=kind,
        begin_age=_age(node, "beginAge"),
        end_age=_age(node, "endAge"),
        start=_date(_text(node, "startDate")),
        end=_date(_text(node, "endDate")),
        interval=_age(node, "interval"),
        count=int(_text(node, "doseCount") or 0),
        valid_only=_text(node, "doseType") == "Valid",
        logic=logic,
        vaccines=frozenset(re.findall(r"\d+", _text(node, "vaccineTypes"))),
        series_groups=frozenset(re.findall(r"\w+", _text(node, "seriesGroups"))),
    )


def _association(node: Node) -> Association:
    return Association(
        _text(node, "antigen"), _age(node, "associationBeginAge"), _age(node, "associationEndAge")
    )


def _conflicts(general: Node) -> dict[str, tuple[Conflict, ...]]:
    found: dict[str, tuple[Conflict, ...]] = {}
    for node in general.iter("liveVirusConflict"):
        one = _conflict(node)
        found[one.previous] = (*found.get(one.previous, ()), one)
    return found


def _conflict(node: Node) -> Conflict:
    return Conflict(
        _text(node, "previous/cvx"),
        _text(node, "current/cvx"),
        _age(node, "conflictBeginInterval") or Period(),
        _age(node, "minConflictEndInterval") or Period(),
        _age(node, "conflictEndInterval") or Period(),
    )


def _text(node: Node | None, path: str) -> str:
    found = node.findtext(path) if node is not None else None
    text = (found or "").strip()
    return "" if text.casefold() in _NOTHING else text


def _texts(node: Node, tag: str) -> Iterator[str]:
    for element in node.findall(tag):
        text = (element.text or "").strip()
        if text.casefold() not in _NOTHING:
            yield text


def _age(node: Node, path: str) -> Period | None:
    return period(_text(node, path))


def _date(text: str) -> date | None:
    if not text:
        return None
    for form in ("%Y%m%d", "%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  (a calendar date)
        except ValueError:
            continue
    raise ValueError(text)
