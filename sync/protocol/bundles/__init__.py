"""Bundles: the pass between a site and the registry, carried on a stick (docs/protocol.md)."""
