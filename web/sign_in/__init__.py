"""Signing in at the screens, and what people can do about their own account: allauth underneath."""
