"""``divoc-registry campaign new``, ``check`` and ``diff``: done by what knows campaigns."""

from __future__ import annotations

import click


class ToolCommand(click.Command):
    """A command whose words, help too, are read by the tools of whoever knows campaigns."""

    def __init__(self, name: str, help: str) -> None:  # noqa: A002  (click's own name)
        super().__init__(
            name,
            help=help,
            add_help_option=False,
            callback=self._run,
            params=[
                click.Option(["--json", "as_json"], is_flag=True, help="Answer as JSON."),
                click.Argument(["words"], nargs=-1, type=click.UNPROCESSED),
            ],
            context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
        )

    def _run(self, words: tuple[str, ...], as_json: bool) -> None:
        from sync.registry.drafts.tools import campaign_tools

        campaign_tools().run(str(self.name), ["--json", *words] if as_json else words)


new = ToolCommand("new", "Make a campaign from answered questions, as divoc-edge campaign new.")
check = ToolCommand("check", "Name every mistake in a campaign, as divoc-edge campaign check.")
diff = ToolCommand("diff", "Say what is otherwise in a campaign, as divoc-edge campaign diff.")
