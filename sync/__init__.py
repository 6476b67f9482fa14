"""Entries, receipts and transports: how a journal reaches the nation."""
