"""What the command lines of both ends share: their errors in words, exit codes, manual pages."""
