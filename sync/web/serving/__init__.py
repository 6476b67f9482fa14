"""The web server of the site and of the registry."""

from sync.web.serving.limits import Limits
from sync.web.serving.refusals import RefusedRequest, ServerRefusal, Words, plain
from sync.web.serving.server import Server

__all__ = ["Limits", "RefusedRequest", "Server", "ServerRefusal", "Words", "plain"]
