"""The writing operations around messages: how people are reached, and what customers are told."""

from __future__ import annotations

from tests.api.operation import Operation, post
from tests.browsers import browser
from tests.builders import PHONE

MESSAGING = [
    Operation("MessageAgain", "POST", "bob", lambda town: f"messages/{town.dead_message}/again",
              lambda _: None),
    post("Webhooks", "anna", "webhooks",
         lambda _: {"url": "https://93.184.216.34/hook", "events": ["visit.booked"]},
         {"url": "url", "events": "event types"}, "url"),
    Operation("WebhookDetail", "DELETE", "anna", lambda town: f"webhooks/{town.webhook}",
              lambda _: None),
    Operation("WebhookSecret", "POST", "anna", lambda town: f"webhooks/{town.webhook}/secret",
              lambda _: None),
    Operation("WebhookTest", "POST", "anna", lambda town: f"webhooks/{town.webhook}/test",
              lambda _: None),
    Operation("WebhookReplay", "POST", "anna", lambda town: f"webhooks/{town.webhook}/replay",
              lambda _: {"since": "2027-06-07T08:00", "until": "2027-06-08T08:00"},
              {"since": "time", "until": "time"}, ("since", "until")),
    Operation("DeliveryReplay", "POST", "anna",
              lambda town: f"webhooks/{town.webhook}/deliveries/{town.delivery}/replay",
              lambda _: None),
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
