"""What was recorded wrongly is put right: the record, the certificate and its paper at once."""
