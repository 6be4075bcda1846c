"""Requests begin as in a process of the service: nobody's rows are seen until somebody says."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch import tenancy

NO_MARKET = UUID(int=0)

View = Callable[[HttpRequest], HttpResponse]


def beginning_as_nobody(view: View) -> View:
    """A middleware around all others."""

    def asked(request: HttpRequest) -> HttpResponse:
        with tenancy.within(NO_MARKET):
            return view(request)

    return asked
