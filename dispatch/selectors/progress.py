"""How far a visit has come, as its row tells."""

from dispatch.domain.expected import Facts
from dispatch.models import Visit


def facts_of(visit: Visit) -> Facts:
    """Return what has happened at the door so far."""
    return Facts(
        arrived_at=visit.arrived_at,
        infusion_started_at=visit.infusion_started_at,
        infusion_ended_at=visit.infusion_ended_at,
        discharged_at=visit.discharged_at,
        completed_at=visit.completed_at,
        recovery_extended_s=visit.recovery_extended_s,
    )
