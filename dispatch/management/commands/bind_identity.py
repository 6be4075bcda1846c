"""Say whose account an identity at the OpenID Connect provider opens, as an administrator."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch import tenancy
from dispatch.domain.errors import DispatchError
from dispatch.domain.people import Actor, Role
from dispatch.management.administrators import administrator_named
from dispatch.selectors.clock import market_now
from dispatch.services.identities import bind_identity, release_identity


class Command(BaseCommand):
    help = "Bind an identity at the OpenID Connect provider to an account, or release it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="the user name of whose identity it is")
        parser.add_argument("subject", help="the identity: `sub` in the provider's ID tokens")
        parser.add_argument("--by", required=True, help="an administrator of the same market")
        parser.add_argument("--issuer", default="", help="another issuer than OIDC_ISSUER")
        parser.add_argument("--release", action="store_true", help="take it off again")

    def handle(
        self, *, account: str, subject: str, by: str, issuer: str, release: bool, **_: Any
    ) -> None:
        if not (issuer := issuer or settings.OIDC_ISSUER):
            raise CommandError("Name the provider with --issuer, or set OIDC_ISSUER.")
        with tenancy.everywhere():
            user = administrator_named(by)
            actor = Actor(user.id, Role.ADMINISTRATOR, user.market_id)
            change = release_identity if release else bind_identity
            now = market_now(user.market_id)
            try:
                change(account, issuer=issuer, subject=subject, by=actor, now=now)
            except DispatchError as refusal:
                raise CommandError(refusal.message) from refusal
        self.stdout.write("The identity is released." if release else "The identity is bound.")
