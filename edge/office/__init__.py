"""What a registry's office asks about campaigns, answered: :class:`edge.office.tools.Tools`."""
