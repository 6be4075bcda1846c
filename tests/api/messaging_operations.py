"""The writing operations around messages: sent again, and told to customers."""

from __future__ import annotations

from tests.api.operation import Operation, post

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
]  # fmt: skip
