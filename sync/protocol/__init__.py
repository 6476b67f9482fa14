"""What both ends of sync speak: entries, batches, receipts, letters (docs/protocol.md)."""
