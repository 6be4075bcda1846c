"""The writing operations by which people say how they want to be reached."""

from tests.api.operation import Operation, post
from tests.browsers import browser
from tests.builders import PHONE

CONTACT = [
    Operation("Contact", "PUT", "alice", lambda _: "contact",
              lambda _: {"language": "es", "channels": ["email", "text"], "phone": PHONE,
                         "email": "alice@example.org"},
              {"language": "choice", "channels": "channels", "phone": "phone", "email": "email",
               "patient": "uuid"},
              ("language", "channels")),
    post("ContactConsents", "alice", "contact/consents",
         lambda _: {"channel": "text", "language": "en", "text_version": 1},
         {"channel": "choice", "language": "choice", "text_version": "number", "patient": "uuid"},
         "channel language text_version"),
    Operation("ContactWithdrawal", "POST", "alice",
              lambda town: f"contact/consents/{town.agreed}/withdrawal", lambda _: None),
    post("PushSubscriptions", "alice", "contact/push-subscriptions",
         lambda _: browser() | {"language": "en", "text_version": 1},
         {"endpoint": "endpoint", "keys": "object", "keys.p256dh": "key", "keys.auth": "key",
          "language": "choice", "text_version": "number"},
         "endpoint keys keys.p256dh keys.auth language text_version"),
]  # fmt: skip
