"""The writing operations around the accounts of programs."""

from __future__ import annotations

from tests.api.operation import Operation, post

SERVICE_ACCOUNTS = [
    post("ServiceAccounts", "anna", "service-accounts",
         lambda _: {"name": "Wall screen", "scopes": ["board:read"],
                    "expires_at": "2028-01-31T00:00"},
         {"name": "text", "scopes": "event types", "expires_at": "later"},
         "name scopes expires_at"),
    Operation("ServiceAccountDetail", "DELETE", "anna",
              lambda town: f"service-accounts/{town.program}", lambda _: None),
]  # fmt: skip
