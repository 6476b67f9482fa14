"""The web server of the site and of the registry."""

from sync.web.serving.limits import Limits
from sync.web.serving.refusals import Asked, Refusal, Words, plain
from sync.web.serving.server import Server

__all__ = ["Asked", "Limits", "Refusal", "Server", "Words", "plain"]
