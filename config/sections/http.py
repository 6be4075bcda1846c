"""The API: its parsers, refusals and document."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20  # of any body: more is neither announced nor read

CSRF_FAILURE_VIEW = "config.refused.forged"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.sessions.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.limits.WithinLimits", "api.policy.PolicyPermission"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "api.paging.CursorPage",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["api.parsing.JsonBody"],
    "UNICODE_JSON": False,  # else a lone surrogate in a refused value could not be answered
    "EXCEPTION_HANDLER": "api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Visiting nurse dispatch",
    "DESCRIPTION": "Books infusions at the patient's door and brings a certified nurse to them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.webhook_schema.with_webhooks",
        "api.links.with_links",
        "api.shared_refusals.with_shared_refusals",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
