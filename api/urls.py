"""The API's addresses; docs/openapi.yaml is made from them."""

from django.urls import URLPattern, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.views import (
    consents,
    consults,
    contacts,
    courses,
    custody,
    dispatching,
    fieldwork,
    gates,
    hooks,
    messages,
    orders,
    people,
    planning,
    protocols,
    route,
    screening,
    series,
    sharing,
    sign_in,
    slots,
    superbill,
    supervision,
    tasks,
    verification,
    visits,
    webhooks,
)
from dispatch.domain.door_steps import CHAIN
from dispatch.domain.visit import Action

STEPS = [*CHAIN, Action.NO_SHOW, Action.ABORT]


class Schema(SpectacularAPIView):
    authentication_classes = ()


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI without a script or a style inside the page: no policy lets them run."""

    authentication_classes = ()
    template_name = "web/docs.html"


def _step(step: Action) -> URLPattern:
    return path(f"visits/<uuid:visit_id>/{step.value}", visits.VisitStep.as_view(step=step))


urlpatterns = [
    path("auth/token", sign_in.SignIn.as_view()),
    path("auth/refresh", sign_in.Refresh.as_view()),
    path("auth/logout", sign_in.SignOut.as_view()),
    path("me", people.Me.as_view()),
    path("patients", people.Patients.as_view()),
    path("patients/search", people.PatientSearch.as_view()),
    path("patients/<uuid:patient_id>/coverage", gates.PatientCoverage.as_view()),
    path("nurses", people.Nurses.as_view()),
    path("nurses/me/route", route.MyRoute.as_view()),
    path("nurses/me/kit", gates.MyKit.as_view()),
    path("locations", people.Locations.as_view()),
    path("companions", people.Companions.as_view()),
    path("hooks/texts/<slug:provider>", hooks.TextHook.as_view()),
    path("hooks/emails/<slug:provider>", hooks.EmailHook.as_view()),
    path("inbound-texts", hooks.InboundTexts.as_view()),
    path("protocols", protocols.Protocols.as_view()),
    path("protocols/<slug:code>/versions", protocols.ProtocolVersions.as_view()),
    path(
        "protocols/<slug:code>/versions/<int:version>/sign-off",
        protocols.ProtocolSignOff.as_view(),
    ),
    path("screenings", screening.Screenings.as_view()),
    path("screenings/answers", screening.ScreeningAnswers.as_view()),
    path("screenings/<uuid:screening_id>", screening.ScreeningDetail.as_view()),
    path("screenings/<uuid:screening_id>/clearance", screening.ScreeningClearance.as_view()),
    path("screenings/<uuid:screening_id>/medication", screening.ScreeningMedication.as_view()),
    path("orders", orders.Orders.as_view()),
    path("orders/<uuid:order_id>/confirmation", orders.OrderConfirmation.as_view()),
    path("orders/<uuid:order_id>/withdrawal", orders.OrderWithdrawal.as_view()),
    path("consents", consents.Consents.as_view()),
    path("consents/<uuid:consent_id>/withdrawal", consents.ConsentWithdrawal.as_view()),
    path("slots", slots.Slots.as_view()),
    path("holds", slots.Holds.as_view()),
    path("holds/<uuid:hold_id>", slots.HoldDetail.as_view()),
    path("series", series.SeriesHold.as_view()),
    path("series/<uuid:series_id>", series.SeriesDetail.as_view()),
    path("series/<uuid:series_id>/resume", series.SeriesResume.as_view()),
    path("series/<uuid:series_id>/cancel", series.SeriesCancel.as_view()),
    path("series/<uuid:series_id>/responses", courses.SeriesResponses.as_view()),
    path("series/<uuid:series_id>/dashboard", courses.SeriesDashboard.as_view()),
    path("responses", courses.Responses.as_view()),
    path("scores", courses.Scores.as_view()),
    path("patients/<uuid:patient_id>/course", courses.PatientCourse.as_view()),
    path("series/<uuid:series_id>/book", series.SeriesBook.as_view()),
    path("visits", visits.Visits.as_view()),
    path("visits/<uuid:visit_id>", visits.VisitDetail.as_view()),
    path("visits/<uuid:visit_id>/questions", screening.VisitQuestions.as_view()),
    path("visits/<uuid:visit_id>/cancel", visits.VisitCancel.as_view()),
    path("visits/<uuid:visit_id>/reschedule", visits.VisitReschedule.as_view()),
    path("visits/<uuid:visit_id>/companion", visits.VisitCompanion.as_view()),
    path("visits/<uuid:visit_id>/readiness", gates.VisitReadiness.as_view()),
    path("visits/<uuid:visit_id>/coverage", gates.VisitCoverage.as_view()),
    path("visits/<uuid:visit_id>/overrides", gates.VisitOverrides.as_view()),
    path("visits/<uuid:visit_id>/gates/<str:gate>/override", gates.VisitOverride.as_view()),
    path("visits/<uuid:visit_id>/candidates", dispatching.VisitCandidates.as_view()),
    path("visits/<uuid:visit_id>/assign", dispatching.VisitAssign.as_view()),
    path("visits/<uuid:visit_id>/superbill", superbill.Superbill.as_view()),
    *map(_step, STEPS),
    path("visits/<uuid:visit_id>/events", fieldwork.VisitEvents.as_view()),
    path("visits/<uuid:visit_id>/record", fieldwork.VisitRecordDetail.as_view()),
    path("messages", messages.Messages.as_view()),
    path("messages/engine", messages.MessageEngine.as_view()),
    path("messages/<uuid:message_id>/again", messages.MessageAgain.as_view()),
    path("board", dispatching.Board.as_view()),
    path("plans", planning.Plans.as_view()),
    path("plans/<uuid:job_id>", planning.PlanDetail.as_view()),
    path("plans/<uuid:job_id>/stop", planning.PlanStop.as_view()),
    path("plans/<uuid:job_id>/accept", planning.PlanAccept.as_view()),
    path("absences", planning.Absences.as_view()),
    path("repairs", planning.Repairs.as_view()),
    path("repairs/<uuid:job_id>", planning.RepairDetail.as_view()),
    path("repairs/<uuid:job_id>/accept", planning.RepairAccept.as_view()),
    path("supervisions", supervision.Supervisions.as_view()),
    path("supervisions/<uuid:supervision_id>/end", supervision.SupervisionEnd.as_view()),
    path("visits/<uuid:visit_id>/custody", custody.VisitCustody.as_view()),
    path("vials", custody.Vials.as_view()),
    path("vials/<uuid:vial_id>/discrepancy", custody.VialDiscrepancy.as_view()),
    path("custody/to-sign", custody.CustodyToSign.as_view()),
    path("custody/<uuid:entry_id>/witness", custody.CustodyWitness.as_view()),
    path("custody/inventory", custody.CustodyInventory.as_view()),
    path("tasks", tasks.Tasks.as_view()),
    path("tasks/<uuid:task_id>/done", tasks.TaskDone.as_view()),
    path("verifications", verification.Verifications.as_view()),
    path(
        "verifications/<uuid:verification_id>/corrections",
        verification.VerificationCorrections.as_view(),
    ),
    path("consults", consults.Consults.as_view()),
    path("consults/<uuid:consult_id>/cancel", consults.ConsultCancel.as_view()),
    path("consults/<uuid:consult_id>/done", consults.ConsultDone.as_view()),
    path("sharing-terms", sharing.SharingTerms.as_view()),
    path("sharing-consents", sharing.SharingConsents.as_view()),
    path("sharing-consents/<uuid:consent_id>/withdrawal", sharing.SharingWithdrawal.as_view()),
    path("webhooks", webhooks.Webhooks.as_view()),
    path("webhooks/<uuid:webhook_id>", webhooks.WebhookDetail.as_view()),
    path("webhooks/<uuid:webhook_id>/secret", webhooks.WebhookSecret.as_view()),
    path("webhooks/<uuid:webhook_id>/test", webhooks.WebhookTest.as_view()),
    path("webhooks/<uuid:webhook_id>/deliveries", webhooks.WebhookDeliveries.as_view()),
    path("webhooks/<uuid:webhook_id>/replay", webhooks.WebhookReplay.as_view()),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay",
        webhooks.DeliveryReplay.as_view(),
    ),
    path("contact", contacts.Contact.as_view()),
    path("contact/terms", contacts.ContactTerms.as_view()),
    path("contact/consents", contacts.ContactConsents.as_view()),
    path("contact/consents/<uuid:consent_id>/withdrawal", contacts.ContactWithdrawal.as_view()),
    path("contact/push-subscriptions", contacts.PushSubscriptions.as_view()),
    path("markets/<uuid:market_id>/clock", dispatching.MarketClock.as_view()),
    path("schema", Schema.as_view(), name="schema"),
    path("docs", Docs.as_view(url_name="schema")),
]
