"""The modules of the product: which a campaign or a site may leave out, and what each needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

Needs = tuple[frozenset[str], ...]
"""Names of modules: of each set at least one must run. Empty: part of every site."""


def one_of(*names: str) -> Needs:
    """Need that at least one of these modules runs."""
    return (frozenset(names),)


@dataclass(frozen=True, slots=True)
class Module:
    """What a module does, in a few words, and what must run beside it."""

    title: str
    needs: Needs = ()


MODULES: Mapping[str, Module] = {
    "registration": Module("people are registered, corrected and found again"),
    "vaccination": Module("doses are given, corrected and taken back"),
    "certificates": Module(
        "certificates are signed and printed, also of doses that a program sends"
    ),
    "documents": Module(
        "documents of the kinds that the campaign describes are recorded and signed"
    ),
    "verification": Module("anybody's certificate is checked"),
    "appointments": Module(
        "coming visits, appointments, and who is to be called",
        one_of("registration", "vaccination"),
    ),
    "payment": Module(
        "it is asked who pays for a dose, and cash is taken and counted", one_of("vaccination")
    ),
    "distribution": Module(
        "people are told of certificates and doses, as far as the campaign allows",
        one_of("registration", "vaccination", "certificates"),
    ),
    "stock": Module("vaccine is taken in and counted"),
    "registry": Module("what is recorded goes to the national registry, by line or stick"),
}
"""Every module that there is. A new one is a row here, and its name in the needs of its routes."""

EVERY: frozenset[str] = frozenset(MODULES)
BY_SITE_ALONE: frozenset[str] = frozenset({"registry"})
"""What no campaign switches off: it could never reach its sites again."""

ALWAYS: Needs = ()
REGISTRATION = one_of("registration")
VACCINATION = one_of("vaccination")
CERTIFICATES = one_of("certificates")
DOCUMENTS = one_of("documents")
PAPERS = one_of("certificates", "documents")
"""Where certificates are printed, of doses or of documents."""
VERIFICATION = one_of("verification")
APPOINTMENTS = one_of("appointments")
PAYMENT = one_of("payment")
DISTRIBUTION = one_of("distribution")
STOCK = one_of("stock")
REGISTRY = one_of("registry")
DESK = one_of("registration", "vaccination")
"""Where people come to: the queue, corrections, two records of one person."""
HISTORY = one_of("vaccination", "appointments")
"""Where it matters which doses somebody had elsewhere."""
DOSES = one_of("vaccination", "certificates")
"""Where doses are recorded: a program sends them to a site that only prints certificates."""
PEOPLE = one_of("registration", "vaccination", "certificates", "appointments")
RECORDING = one_of("registration", "vaccination", "certificates", "appointments", "stock")


def met(needs: Needs, running: Collection[str]) -> bool:
    """Say whether what is needed runs."""
    return all(not some.isdisjoint(running) for some in needs)


def unmet(names: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Give each of these modules that lacks one, with those of which it needs one."""
    for name in names:
        for some in MODULES[name].needs if name in MODULES else ():
            if some.isdisjoint(names):
                yield name, some


def running(site: Iterable[str], campaign: Iterable[str]) -> frozenset[str]:
    """Give what runs at a site: what both want, without what then lacks another."""
    return _running(frozenset(site), frozenset(campaign))


@lru_cache(64)  # asked for with every page and every dose, and always of the same two
def _running(site: frozenset[str], campaign: frozenset[str]) -> frozenset[str]:
    wanted = site & (campaign | BY_SITE_ALONE)
    while lacking := {name for name, _ in unmet(wanted)}:
        wanted -= lacking
    return wanted
