"""The business of dispatching nurses; knows neither HTTP nor Celery."""
