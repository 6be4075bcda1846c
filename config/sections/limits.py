"""How often anybody may try, who asks where a proxy stands before us, and what staff must show."""

from datetime import timedelta
from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured

from config.environment import env
from dispatch.domain.limits import LOCKED_S, TRIES, parse_limits

try:
    LIMITS = parse_limits(env.str("LIMITS", default=""))
    TRUSTED_PROXIES = [ip_network(one) for one in env.list("TRUSTED_PROXIES", default=[])]
    """Only they are believed what X-Forwarded-For says."""
except ValueError as fault:
    raise ImproperlyConfigured(str(fault)) from fault

SECOND_FACTOR_REQUIRED = env.bool(
    "SECOND_FACTOR_REQUIRED", default=not env.bool("DEBUG", default=False)
)
"""Whether staff without a second factor are turned away; who has one is always asked for it."""

AXES_HANDLER = "dispatch.services.lock_out.CountedFirst"
AXES_FAILURE_LIMIT = TRIES
AXES_COOLOFF_TIME = timedelta(seconds=LOCKED_S)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = (
    False  # else anybody could lock another out for good
)
AXES_USERNAME_CALLABLE = "dispatch.services.lock_out.name_in"
AXES_CLIENT_IP_CALLABLE = "dispatch.gateways.callers.address_of"
AXES_CLIENT_STR_CALLABLE = "dispatch.services.lock_out.nobody_in_logs"
AXES_DISABLE_ACCESS_LOG = True  # the audit trail knows who signed in
AXES_VERBOSE = False

SILENCED_SYSTEM_CHECKS = ["axes.W002"]  # its middleware would answer for the API, in HTML
