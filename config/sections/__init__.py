"""The settings, by what they are about; config/settings.py puts them together."""
