"""Who I am; patients and nurses of the market; places and companions of a patient."""

from typing import Any
from zoneinfo import available_timezones

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, LONGEST_TEXT, Answer, Door, PageOf, parsed
from api.idempotency import idempotent
from api.listing import list_schema, page_of, uuid, uuid_in
from dispatch.domain.channels import Language
from dispatch.domain.contact import phone_number
from dispatch.domain.places import LocationKind
from dispatch.gateways.geocoding import ZIP_CODE
from dispatch.selectors import people
from dispatch.services.companions import add_companion
from dispatch.services.locations import add_location

LONGEST_EMAIL = 254


class PhoneField(serializers.CharField):
    """A number that takes texts, kept in E.164; without a country code it is American."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return phone_number(text)
        except ValueError as fault:
            raise serializers.ValidationError(str(fault)) from fault


class ZoneField(serializers.CharField):
    """Whose clocks somebody lives by, as IANA names them, e.g. ``America/Denver``."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text not in available_timezones():
            raise serializers.ValidationError("This is no time zone.")
        return text


class MyAccount(Answer[people.MyAccount]):
    class Meta:
        dataclass = people.MyAccount


class PatientLine(Answer[people.PatientLine]):
    class Meta:
        dataclass = people.PatientLine


class NurseLine(Answer[people.NurseLine]):
    class Meta:
        dataclass = people.NurseLine


class LocationLine(Answer[people.LocationLine]):
    class Meta:
        dataclass = people.LocationLine


class CompanionLine(Answer[people.CompanionLine]):
    class Meta:
        dataclass = people.CompanionLine


class Me(Door):
    @extend_schema(operation_id="me", responses=MyAccount)
    def get(self, request: Request) -> Response:
        """Who am I, in which role and market, and what time is it there."""
        return Response(MyAccount(people.my_account(self.by(request), request.user.username)).data)


class Patients(PageOf):
    @list_schema("patients_list", PatientLine)
    def get(self, request: Request) -> Response:
        """The market's patients."""
        rows = people.patients_of(self.by(request))
        return self.page(request, rows, people.patient_line, PatientLine)


class PatientSearch(Door):
    """A search by POST: what is personal stands in no address."""

    class Body(serializers.Serializer[Any]):
        phone = PhoneField(max_length=32)

    @extend_schema(operation_id="patients_search", request=Body, responses=page_of(PatientLine))
    def post(self, request: Request) -> Response:
        """The market's patients with a phone number, all on one page."""
        body = parsed(self.Body, request.data)
        rows = people.patients_with(self.by(request), body["phone"])
        found = PatientLine([people.patient_line(row) for row in rows], many=True)
        return Response({"next": None, "previous": None, "results": found.data})


class Nurses(PageOf):
    @list_schema("nurses_list", NurseLine)
    def get(self, request: Request) -> Response:
        """The market's nurses with their licences and certificates."""
        rows = people.nurses_of(self.by(request))
        return self.page(request, rows, people.nurse_line, NurseLine)


class Locations(PageOf):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        kind = serializers.ChoiceField([kind.value for kind in LocationKind])
        address = serializers.CharField(max_length=LONGEST_LINE)
        zip_code = serializers.RegexField(ZIP_CODE)
        access_notes = serializers.CharField(
            max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
        )

    @list_schema("locations_list", LocationLine, uuid("patient"))
    def get(self, request: Request) -> Response:
        """Places where the patient can be treated."""
        rows = people.locations_of(self.by(request), uuid_in(request, "patient"))
        return self.page(request, rows, people.location_line, LocationLine)

    @extend_schema(operation_id="locations_add", request=Body, responses={201: LocationLine})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a place; it is located by its ZIP code."""
        body, by = parsed(self.Body, request.data), self.by(request)
        location_id = add_location(
            patient_id=body.get("patient"),
            kind=LocationKind(body["kind"]),
            address=body["address"],
            zip_code=body["zip_code"],
            access_notes=body["access_notes"],
            by=by,
            now=self.now(by),
        )
        place = people.locations_of(by, None).get(id=location_id)
        return Response(LocationLine(people.location_line(place)).data, status=201)


class Companions(PageOf):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        name = serializers.CharField(max_length=LONGEST_LINE)
        phone = PhoneField(max_length=32)
        email = serializers.EmailField(
            max_length=LONGEST_EMAIL, required=False, allow_blank=True, default=""
        )
        language = serializers.ChoiceField(
            [language.value for language in Language],
            required=False,
            help_text="Left out: the patient's.",
        )
        zone = ZoneField(required=False, default="", help_text="Left out: the visit's.")

    @list_schema("companions_list", CompanionLine, uuid("patient"))
    def get(self, request: Request) -> Response:
        """People who may stay with the patient or drive."""
        rows = people.companions_of(self.by(request), uuid_in(request, "patient"))
        return self.page(request, rows, people.companion_line, CompanionLine)

    @extend_schema(operation_id="companions_add", request=Body, responses={201: CompanionLine})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a person who may stay or drive; they are asked once named for a visit."""
        body, by = parsed(self.Body, request.data), self.by(request)
        companion_id = add_companion(
            patient_id=body.get("patient"),
            name=body["name"],
            phone=body["phone"],
            email=body["email"],
            language=Language(body["language"]) if "language" in body else None,
            zone=body["zone"],
            by=by,
            now=self.now(by),
        )
        companion = people.companions_of(by, None).get(id=companion_id)
        return Response(CompanionLine(people.companion_line(companion)).data, status=201)
