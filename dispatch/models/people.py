"""Who takes part: users with their roles, patients, their places and companions, nurses."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac

from dispatch.domain.channels import USUAL, Language
from dispatch.domain.errors import Invalid
from dispatch.domain.people import USER_NAME, Role
from dispatch.domain.places import LocationKind
from dispatch.models.encrypted import EncryptedText
from dispatch.models.row import MarketRow


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user

    def enrol(self, username: str, role: Role, market_id: UUID, *, name: str = "") -> "User":
        """Write somebody who has no password yet. Raises Invalid ``username``."""
        if not USER_NAME.fullmatch(username):
            raise Invalid({"username": "Three or more letters, digits and . _ @ + - are needed."})
        user = self.model(username=username, role=role.value, market_id=market_id, name=name)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError as refusal:
            raise Invalid({"username": "This name is taken."}) from refusal
        return user


class User(AbstractBaseUser, PermissionsMixin, MarketRow):
    username = models.CharField(max_length=150, unique=True)
    name = EncryptedText(default="", blank=True)
    """Of staff whose name stands nowhere else; nurses and patients have rows of their own."""
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "user_account"
        constraints = [
            models.CheckConstraint(
                name="user_role_known", condition=models.Q(role__in=[r.value for r in Role])
            ),
            models.UniqueConstraint(Upper("username"), name="user_name_in_any_case"),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a sign-in at the screens holds on to: it ends as soon as this is another."""
        held = f"{self.password} {self.role} {self.market_id}"
        sealed = salted_hmac("dispatch.models.User", held, secret=secret, algorithm="sha256")
        return sealed.hexdigest()


def usual_channels() -> list[str]:
    return [channel.value for channel in USUAL]


class Patient(MarketRow):
    user = models.OneToOneField(User, null=True, on_delete=models.PROTECT, related_name="patient")
    name = EncryptedText()
    phone = EncryptedText()
    phone_index = models.CharField(max_length=64, db_index=True)
    email = EncryptedText(default="", blank=True)
    email_index = models.CharField(max_length=64, db_index=True, default="", blank=True)
    language = models.CharField(max_length=8, default=Language.ENGLISH.value)
    channels = ArrayField(models.CharField(max_length=16), default=usual_channels)
    """In the order in which the patient wants to be tried."""

    class Meta:
        db_table = "patient"


class Location(MarketRow):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="locations")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in LocationKind])
    address = EncryptedText()
    access_notes = EncryptedText(default="", blank=True)
    zip_code = models.CharField(max_length=5)
    state = models.CharField(max_length=2)
    lat = models.FloatField()
    lng = models.FloatField()
    approximate = models.BooleanField()
    zone = models.CharField(max_length=64)

    class Meta:
        db_table = "location"
        constraints = [
            models.CheckConstraint(
                name="location_kind_known",
                condition=models.Q(kind__in=[k.value for k in LocationKind]),
            )
        ]


class Companion(MarketRow):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="companions")
    name = EncryptedText()
    phone = EncryptedText()
    phone_index = models.CharField(max_length=64, db_index=True, default="", blank=True)
    email = EncryptedText(default="", blank=True)
    language = models.CharField(max_length=8, default=Language.ENGLISH.value)
    zone = models.CharField(max_length=64, default="", blank=True)
    """Whose clocks they live by, where it is not the visit's."""

    class Meta:
        db_table = "companion"


class Nurse(MarketRow):
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="nurse")
    name = EncryptedText()
    phone = EncryptedText()
    home_lat = models.FloatField()
    home_lng = models.FloatField()
    changed_in = models.BigIntegerField(default=0, editable=False)
    """The transaction that last changed the nurse or what she holds; a trigger writes it."""

    class Meta:
        db_table = "nurse"
        indexes = [models.Index(fields=["market", "changed_in"], name="nurse_changed")]


class Credential(MarketRow):
    """Something a nurse holds, valid from ``valid_from`` up to, not including, ``valid_until``."""

    code = models.CharField(max_length=64)
    number = EncryptedText(default="", blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        abstract = True


class Licence(Credential):
    """The right to practise in one state; ``code`` is the state, e.g. ``VA``."""

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="licences")

    class Meta:
        db_table = "licence"
        constraints = [
            models.CheckConstraint(
                name="licence_ends_after_it_begins",
                condition=models.Q(valid_from__lt=models.F("valid_until")),
            )
        ]


class Certificate(Credential):
    """A skill proven, e.g. ``acls`` or ``iv_ketamine``."""

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="certificates")

    class Meta:
        db_table = "certificate"
        constraints = [
            models.CheckConstraint(
                name="certificate_ends_after_it_begins",
                condition=models.Q(valid_from__lt=models.F("valid_until")),
            )
        ]
