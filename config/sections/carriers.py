"""Who brings messages to people, and events to customers."""

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

CARRIERS = {
    "text": env.str("TEXTS_GATEWAY", default="dispatch.gateways.local_outbox.LocalTexts"),
    "email": env.str("EMAILS_GATEWAY", default="dispatch.gateways.local_outbox.LocalEmails"),
    "push": env.str("PUSHES_GATEWAY", default="dispatch.gateways.local_outbox.LocalPushes"),
}
"""Who carries messages, by channel; the local outbox keeps them for the screens."""
MESSAGES_PER_S = {
    "text": env.float("TEXTS_PER_S", default=0.0),
    "email": env.float("EMAILS_PER_S", default=0.0),
    "push": env.float("PUSHES_PER_S", default=0.0),
}
"""The most that is handed over in a second, by all processes together; 0: any number."""

TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_FROM = env.str("TWILIO_FROM", default="")
"""A number in E.164, or the id of a messaging service (MG…)."""
TWILIO_URL = env.str("TWILIO_URL", default="")
"""Another address of the API; empty: Twilio's own."""
if CARRIERS["text"].endswith("TwilioTexts") and not (
    TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and TWILIO_FROM
):
    raise ImproperlyConfigured(
        "Texts through Twilio need TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM."
    )

TEXTS_HOOK_SECRET = env.str("TEXTS_HOOK_SECRET", default="")
EMAILS_HOOK_SECRET = env.str("EMAILS_HOOK_SECRET", default="")
"""What providers sign their calls with ("whsec_…"); without it their hook is closed, and no
receipt of an e-mail is waited for."""
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): env.ENVIRON[name]
    for name in env.ENVIRON
    if name.startswith("ANYMAIL_") and not name.endswith("_FILE")
}
"""Whatever Anymail's provider needs, e.g. ANYMAIL_RESEND_API_KEY."""
if "local_outbox" not in CARRIERS["email"] and not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("E-mails need DEFAULT_FROM_EMAIL, from whom they come.")

VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")
"""32 bytes in URL-safe base64: signs pushes, so that push services know whose they are."""
VAPID_PUBLIC_KEY = env.str("VAPID_PUBLIC_KEY", default="")
"""The point that belongs to it, in URL-safe base64: browsers bind their subscriptions to it."""
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="")
"""Whom push services may write to: mailto:… or https://…"""
PUSH_SERVICES = env.list(
    "PUSH_SERVICES",
    default=[
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "push.apple.com",
        "notify.windows.com",
    ],
)
"""The only hosts, or domains, to which a browser's subscription may lead."""
if CARRIERS["push"].endswith("WebPushes") and not (
    VAPID_PRIVATE_KEY and VAPID_PUBLIC_KEY and VAPID_SUBJECT
):
    raise ImproperlyConfigured(
        "Pushes to browsers need VAPID_PRIVATE_KEY, VAPID_PUBLIC_KEY and VAPID_SUBJECT."
    )

TELEHEALTH_GATEWAY = env.str(
    "TELEHEALTH_GATEWAY", default="dispatch.gateways.telehealth.LocalRooms"
)
"""Who opens rooms for consults by video; the stand-in leads to a page of our own."""

WEBHOOKS_TO_LOOPBACK = env.bool("WEBHOOKS_TO_LOOPBACK", default=False)
"""For development: webhooks also go to receivers on this very machine, and without TLS."""
