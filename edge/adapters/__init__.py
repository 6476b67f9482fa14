"""The world behind the ports: clock, ids, keys, printers, registry."""
