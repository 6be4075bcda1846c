"""How many rows went because they had been kept for long enough."""

from collections.abc import Mapping

from dispatch.models import RetentionRun


def forgotten() -> Mapping[str, int]:
    """Return the rows deleted so far, by table."""
    return dict(RetentionRun.objects.values_list("rule", "deleted_total"))
