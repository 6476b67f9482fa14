# riverside_edge/observed.py
"""A condition of schedules: something was observed of the person, and not too long ago."""

from edge.domain.schedule.calendar import period
from edge.domain.schedule.conditions import AddedCondition


def holds(condition, situation):
    wanted = condition.parameters
    seen = situation.subject.observations.get(wanted["code"])
    return seen is not None and seen <= situation.on < period(wanted["within"]).after(seen)


CONDITION = AddedCondition(
    holds,
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "within"],
        "properties": {
            "code": {"type": "string"},
            "within": {
                "type": "string",
                "pattern": r"^\d+ (days|weeks|months|years)$",
                "description": "A length of time, such as 3 years.",
            },
        },
    },
)
