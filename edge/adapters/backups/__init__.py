"""Backups of a site: one file each, that only a recovery key and the site itself can open."""
