"""Where a request goes: the API under `/api/v1/`, the screens everywhere else."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("api.urls")),
    path("", include("web.urls")),
]

handler400 = "config.refused.bad_request"
handler403 = "config.refused.permission_denied"
handler404 = "config.refused.not_found"
handler500 = "config.refused.server_error"
