"""``schedule explain --person``: one of the site's people, as each of its programmes sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.services import commands


@pytest.mark.slow
def test_a_programme_that_lacks_a_vaccine_of_the_person_says_nothing_of_it(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., commands.GiveDose]
) -> None:
    command = dose()
    node.desk.take(node.site.ids.new(), command, staff("V1"))
    with node.journal.reading() as db:
        person = views.person(db, command.person)
        programmes = node.site.catalogues.current(db).programmes.values()
    assert person is not None
    assert any(command.vaccine not in one.schedule.vaccines for one in programmes)
    words = ["schedule", "explain", "--person", person.code, "--data", str(node.folder)]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "counts as dose 1." in done.stdout
