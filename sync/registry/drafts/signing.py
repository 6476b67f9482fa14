"""A campaign that was written here, on its way to the ministry's keys and back: never the keys.

The office holds a copy of the ministry's folder (:class:`CampaignFolder`). It puts the campaign in,
hands the folder out, takes signatures back that fit what it holds, and publishes once there are
enough and a second officer says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from sync.bounded_files import MB
from sync.own_files import memory_folder
from sync.protocol.editions import is_newer
from sync.protocol.errors import SyncError
from sync.registry.campaigns.folder import CampaignFolder
from sync.registry.drafts.archives import no_archive, packed_archive, read_archive
from sync.registry.drafts.drafting import ChangeReason, check_reason
from sync.registry.drafts.published import PublishedCampaign, published_campaign
from sync.registry.publishing import post_signed, read_packed
from sync.registry.store.drafts import Draft
from sync.registry.store.interface import Store
from sync.registry.store.signing import SigningState, SignRequest

DAYS = 365
"""How long a signed campaign may be handed out."""
MOST_FILES, MOST_BYTES = 2000, 32 * MB
"""Of a nation's folder: a part of each region, and every edition that was."""
_FRESH = 90
"""Days for which the registry says that it is the newest."""
_CARRIED = re.compile(r"(?:metadata|targets)/[\w][\w.:+/-]{0,240}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignProgress:
    """How far a role is signed: of its newest version, until when it counts, and by which keys."""

    role: str
    version: int
    expires: datetime
    signed: tuple[str, ...]
    threshold: int
    missing: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Say whether enough keys have signed."""
        return len(self.signed) >= self.threshold


def is_carried(path: str) -> bool:
    """Say whether a file belongs to the folder that is carried from key to key."""
    return bool(_CARRIED.fullmatch(path)) and ".." not in path


def _unpacked(packed: bytes) -> dict[str, bytes]:
    return read_archive(packed, is_carried, MOST_FILES, MOST_BYTES)


@contextmanager
def _as_folder(packed: bytes) -> Iterator[CampaignFolder]:
    with memory_folder() as folder:
        made = CampaignFolder(folder)
        try:
            for path, content in _unpacked(packed).items():
                made.files.write(path, content)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):  # a file within a file
            raise no_archive(MOST_FILES, MOST_BYTES) from None
        yield made


def _packed(folder: CampaignFolder) -> bytes:
    place = folder.files.folder
    return packed_archive(
        {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file()
        }
    )


def bring_folder(store: Store, packed: bytes, told_root: str) -> None:
    """Take the ministry's folder, the first time or anew; raises :class:`SyncError`.

    Sites must be told of its root already, and none of what is here may be newer. What another
    officer was asked to publish is another folder now: it is asked for again, and forgotten where
    the campaign in the folder is another one.
    """
    state = store.signing()
    asked = state.request
    with _as_folder(packed) as folder:
        if not told_root or folder.root_fingerprint != told_root:
            raise SyncError(
                "campaign.other-folder",
                "Sites are told of another root than this folder's, or of none. On the registry's"
                " machine: divoc-registry campaign trust FOLDER",
            )
        _check_signed_root(folder)
        if state.folder:
            with _as_folder(state.folder) as here:
                for role in (Root.type, Targets.type):
                    if here.files.versions(role)[-1:] > folder.files.versions(role)[-1:]:
                        raise SyncError(
                            "campaign.older-folder",
                            "This folder is older than the one that is here. Take the one from"
                            " here, and go on with it.",
                        )
                if asked is not None and not asked.published_by:
                    asked = _still_asked(asked, here, folder)
        kept = _packed(folder)
    _keep(store, replace(state, folder=kept, request=asked))


def _still_asked(
    asked: SignRequest, here: CampaignFolder, brought: CampaignFolder
) -> SignRequest | None:
    """Give what is asked for in a folder that was brought anew; nobody proposed that one."""
    ours, theirs = here.files.newest(Targets.type), brought.files.newest(Targets.type)
    if ours is None or theirs is None or ours[1].signed_bytes != theirs[1].signed_bytes:
        return None
    return replace(asked, proposed_by="", proposed_at="")


def ask(
    store: Store, draft: Draft, packed: bytes, now: datetime, reason: ChangeReason
) -> SignRequest:
    """Put a checked campaign into the folder, for the ministry's keys; raises :class:`SyncError`.

    It takes the place of what was asked for before and is not published yet.
    """
    why = check_reason(reason.why)
    body = read_packed(packed, draft.name)
    state = _there(store)
    _check_newer(body, published_campaign(store))
    with _as_folder(state.folder) as folder:
        number = folder.put(packed, now + timedelta(days=DAYS))
        kept = _packed(folder)
    asked = SignRequest(
        draft.id,
        draft.revision,
        str(body["id"]),
        str(body["version"]),
        number,
        reason.who,
        reason.at,
        why,
    )
    _keep(store, replace(state, folder=kept, request=asked))
    return asked


def take_signatures(store: Store, packed: bytes) -> list[str]:
    """Take from a folder that was signed what this one lacks; gives the ids of the keys.

    A signature counts if it is right and its key may sign. Raises :class:`SyncError` where what was
    signed is something else than what lies here.
    """
    state = _there(store)
    brought = _unpacked(packed)
    taken: list[str] = []
    with _as_folder(state.folder) as folder:
        for role in (Root.type, Targets.type):
            found = folder.files.newest(role)
            if found is not None and found[0] in brought:
                name, metadata = found
                taken += _merge(folder, role, name, metadata, brought[name])
        if not taken:
            raise SyncError(
                "campaign.no-signature",
                "There is no new signature in this file for what is asked for here. Sign the folder"
                " that you take from this page, and bring it back.",
            )
        kept = _packed(folder)
    _keep(store, replace(state, folder=kept))
    return taken


def progress(state: SigningState) -> list[SignProgress]:
    """Tell how far the nation's roles are signed."""
    if not state.folder:
        return []
    with _as_folder(state.folder) as folder:
        return [
            _progress(folder, role, found[1])
            for role in (Root.type, Targets.type)
            if (found := folder.files.newest(role))
        ]


def propose(store: Store, reason: ChangeReason) -> None:
    """Ask for publishing, which another officer then does."""
    state = _ready(store)
    assert state.request is not None  # noqa: S101  (ready)
    asked = replace(state.request, proposed_by=reason.who, proposed_at=reason.at)
    _keep(store, replace(state, request=asked))


def publish(
    store: Store, key: Ed25519PrivateKey, told_root: str, who: str, now: datetime
) -> SignRequest:
    """Give every site what was signed and proposed; raises :class:`SyncError`.

    ``who`` is another officer than the one that proposed it; ``key`` the registry's own.
    """
    state = _ready(store)
    asked = state.request
    if asked is None or not asked.proposed_by:
        raise SyncError("campaign.not-proposed", "Nobody has asked for publishing it yet.")
    if asked.proposed_by == who:
        raise SyncError(
            "campaign.same-officer",
            "You asked for publishing it yourself. Another officer must look at it and publish it.",
        )
    with _as_folder(state.folder) as folder:
        if folder.root_fingerprint != told_root:
            raise SyncError(
                "campaign.other-root",
                "Sites are told of another root by now. Bring the folder of that one.",
            )
        files = folder.complete(CryptoSigner(key), now, _FRESH)
        kept = _packed(folder)
    # First the turn: of two who publish at once one is told, and nothing is posted twice.
    begun = replace(asked, published_by=who)
    _keep(store, replace(state, folder=kept, request=begun))
    try:
        number, _ = post_signed(store, files, told_root, now, who=who)
    except SyncError:  # it was not posted, and still waits
        _keep(store, SigningState(state.turn + 1, state.folder, asked))
        raise
    done = replace(begun, letter=number)
    _keep(store, SigningState(state.turn + 1, kept, done))
    return done


def _merge(
    folder: CampaignFolder, role: str, name: str, ours: Metadata[Any], brought: bytes
) -> list[str]:
    try:
        theirs = Metadata[Any].from_bytes(brought)
    except (RepositoryError, ValueError):
        raise SyncError(
            "campaign.file", "{file} cannot be read. Take the folder anew.", file=name
        ) from None
    if theirs.signed_bytes != ours.signed_bytes:
        raise SyncError(
            "campaign.signed-other",
            "{file} is not what lies here: something else was signed. Take the folder from this"
            " page and have that one signed.",
            file=name,
        )
    speaker = folder.files.root()
    result = speaker.get_verification_result(role, theirs.signed_bytes, theirs.signatures)
    new = sorted(result.signed.keys() - ours.signatures.keys())
    for key in new:
        ours.signatures[key] = theirs.signatures[key]
    if new:
        folder.files.save(name, ours)
    return new


def _progress(folder: CampaignFolder, role: str, metadata: Metadata[Any]) -> SignProgress:
    result = folder.files.root().get_verification_result(
        role, metadata.signed_bytes, metadata.signatures
    )
    signed = metadata.signed
    return SignProgress(
        role,
        signed.version,
        signed.expires,
        tuple(sorted(result.signed)),
        result.threshold,
        tuple(sorted(result.unsigned)),
    )


def _check_signed_root(folder: CampaignFolder) -> None:
    root = folder.files.newest(Root.type)
    if root is None or not _progress(folder, Root.type, root[1]).enough:
        raise SyncError(
            "campaign.root-unsigned",
            "The root of this folder is not signed by enough keys yet. Sign it with:"
            " divoc-registry campaign sign",
        )


def _check_newer(body: Mapping[str, Any], published: PublishedCampaign | None) -> None:
    """Refuse a version that no site would take behind the one that sites are told to run."""
    version = str(body["version"])
    if published and published.id == body["id"] and not is_newer(version, published.version):
        raise SyncError(
            "campaign.not-newer",
            "The version {version} is not higher than {before}, which sites have: they would refuse"
            " it. Write a higher version into campaign.yaml.",
            version=version,
            before=published.version,
        )


def _there(store: Store) -> SigningState:
    state = store.signing()
    if not state.folder:
        raise SyncError(
            "campaign.no-signing-folder",
            "The folder with the ministry's keys is not here yet. Bring it first.",
        )
    return state


def _ready(store: Store) -> SigningState:
    state = _there(store)
    if state.request is None or state.request.published_by:
        raise SyncError("campaign.nothing-asked", "Nothing waits for being published.")
    if not all(role.enough for role in progress(state)):
        raise SyncError(
            "campaign.too-few", "It is not signed by enough keys yet. Bring more signatures."
        )
    return state


def _keep(store: Store, state: SigningState) -> None:
    if not store.change_signing(state):
        raise SyncError(
            "campaign.other-turn",
            "Somebody else did something here at the same moment. Open the page again and look.",
        )
