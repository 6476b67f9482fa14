"""A digital locker asks for certificates: DigiLocker's pull-URI and pull-document requests."""
