"""Documents of the kinds that the campaign describes: recorded, certified, corrected, revoked."""
