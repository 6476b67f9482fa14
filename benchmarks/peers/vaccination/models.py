"""One record as Morango syncs it: JSON text under the partition of the server's certificate."""

import os

from django.db import models
from morango.models import SyncableModel


class Record(SyncableModel):
    """One record."""

    morango_model_name = "record"
    morango_profile = "vaccination"
    text = models.TextField()
    source = models.CharField(max_length=36)

    def calculate_source_id(self):
        return self.source

    def calculate_partition(self):
        return os.environ["PARTITION"] + ":site"
