"""Addresses of the prescribers' screens, and of the dispatchers' list of tasks."""

from web.guarding import page
from web.inbox import pages, patients, screenings

urlpatterns = [
    page("inbox/", pages.inbox, name="inbox"),
    page("tasks/", pages.inbox, name="tasks"),
    page("tasks/<uuid:task_id>/done", pages.finish),
    page("inbox/patients", pages.search),
    page("inbox/patients/<uuid:patient_id>", patients.patient),
    page("inbox/patients/<uuid:patient_id>/orders", patients.sign),
    page("inbox/patients/<uuid:patient_id>/responses", patients.respond),
    page("inbox/orders/<uuid:order_id>/confirm", patients.confirm),
    page("inbox/orders/<uuid:order_id>/withdraw", patients.withdraw),
    page("inbox/series/<uuid:series_id>/resume", patients.resume),
    page("inbox/screenings/<uuid:screening_id>", screenings.screening),
    page("inbox/screenings/<uuid:screening_id>/clear", screenings.clear),
    page("inbox/screenings/<uuid:screening_id>/medication", screenings.agree),
]
