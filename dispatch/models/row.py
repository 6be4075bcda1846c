"""What every table has: an id made by the application, and the market that owns the row."""

from django.db import models

from dispatch.domain.ids import new_id


class Row(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class MarketRow(Row):
    market = models.ForeignKey("dispatch.Market", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
