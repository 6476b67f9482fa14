"""Every page on which campaigns are written, in one table; who may use which is the policy's."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from sync.registry.web.drafts import files, lists, pages, previews, signing

DRAFT_PAGES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/campaigns", pages.drafts),
    ("GET", "/campaigns/new", pages.new_draft),
    ("POST", "/campaigns/new", pages.begin_draft),
    ("POST", "/campaigns/bring", pages.bring_draft),
    ("GET", "/campaigns/sites", pages.campaign_sites),
    ("GET", "/campaigns/<draft>", pages.draft),
    ("POST", "/campaigns/<draft>/away", pages.put_away),
    ("GET", "/campaigns/<draft>/folder.zip", pages.folder),
    ("GET", "/campaigns/<draft>/file", files.file),
    ("POST", "/campaigns/<draft>/file", files.save_file),
    ("POST", "/campaigns/<draft>/files", files.new_file),
    ("GET", "/campaigns/<draft>/raw", files.raw_file),
    ("GET", "/campaigns/<draft>/check", pages.check),
    ("GET", "/campaigns/<draft>/list", lists.list_),
    ("GET", "/campaigns/<draft>/row", lists.row),
    ("POST", "/campaigns/<draft>/row", lists.save_row),
    ("GET", "/campaigns/<draft>/table", lists.table),
    ("POST", "/campaigns/<draft>/table", lists.read_table),
    ("GET", "/campaigns/<draft>/differences", pages.differences),
    ("GET", "/campaigns/<draft>/preview", previews.preview),
    ("GET", "/campaigns/<draft>/slip", previews.slip),
    ("GET", "/campaigns/<draft>/screen", previews.screen),
    ("GET", "/campaigns/<draft>/sign", signing.sign),
    ("POST", "/campaigns/<draft>/sign", signing.ask),
    ("GET", "/campaigns/<draft>/sign/folder.zip", signing.signing_folder),
    ("POST", "/campaigns/<draft>/sign/folder", signing.bring_signing_folder),
    ("POST", "/campaigns/<draft>/sign/signatures", signing.bring_signatures),
    ("POST", "/campaigns/<draft>/sign/propose", signing.propose),
    ("POST", "/campaigns/<draft>/sign/publish", signing.publish),
    ("GET", "/campaigns/<draft>/history", pages.history),
    ("POST", "/campaigns/<draft>/history", pages.back),
)
LARGEST_FORM = 5 * 1024 * 1024
"""Bytes: a file of a draft, or a folder packed as a ZIP."""
LARGE_FORMS = frozenset(
    f"office.{view.__name__}"
    for view in (
        pages.bring_draft,
        files.save_file,
        files.new_file,
        lists.read_table,
        signing.bring_signing_folder,
        signing.bring_signatures,
    )
)
"""Endpoints that take so much, of officers who are signed in; nothing is read before that."""
