"""What a new campaign may say besides: numbers of people, payments, messages, signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from babel.numbers import get_territory_currencies

_NO_CURRENCY = "XXX"
"""ISO 4217's code for no currency: of a country that babel knows none of."""


def part_files(parts: Iterable[str], country: str) -> dict[str, str]:
    """Give the files of the parts that somebody wants, by their names.

    ``country``: its two letters (ISO 3166-1). Each passes check as it is, asks nobody for what they
    need not have, and says in its comments what to change.
    """
    return {f"{part}.yaml": PARTS[part](country) for part in parts}


def _identities(country: str) -> str:
    return f"""# Which numbers and papers people are asked for. docs/identity.md
types:
- type: {country.lower()}.id
  name: National number
  # What one looks like: a regular expression. read_by: has kinds with check digits.
  pattern: '[0-9]{{6,20}}'
  shown: last_four
- {{type: none, name: No papers}}
"""


def _payments(country: str) -> str:
    return f"""# Who pays for a dose, in the order in which it is offered. docs/payments.md
currency: {_currency(country)}
payers:
- {{code: government}}
- {{code: exemption, by: [supervisor]}}
# For cash add {{code: individual}} here, and prices:
# prices:
# - {{vaccines: [CODE], amount: "350"}}
exemptions:
- {{code: poverty, words: Cannot pay}}
"""


def _distribution(_: str) -> str:
    return """# What people are sent, on the channels that a site has. docs/distribution.md
channels: [sms, email]
consent: asked
texts:
  certificate: "{facility}: your certificate is ready. Answer {stop} for no more messages."
  due: "{facility}: a vaccination is due on {day}."
  overdue: "{facility}: a vaccination was due on {day}. Please come."
stop: STOP
# Days counted from the day a dose is due.
reminders: [-2, 3, 14]
quiet: {from: '20:00', until: '07:00'}
"""


def _sign_in(_: str) -> str:
    return """# With what each role signs in; who is not named types a PIN. docs/sign-in.md
roles:
- {role: registrar, methods: [pin, badge]}
- {role: vaccinator, methods: [pin, badge]}
- {role: supervisor, methods: [pin]}
- {role: technician, methods: [pin]}
"""


PARTS: Mapping[str, Callable[[str], str]] = {
    "identities": _identities,
    "payments": _payments,
    "distribution": _distribution,
    "sign_in": _sign_in,
}
"""The parts by the names of their files, in the order in which they are offered."""


def _currency(country: str) -> str:
    return next(iter(get_territory_currencies(country)), _NO_CURRENCY)
