"""gunicorn's settings: processes, threads, and how much of a request's head is read."""

import os

bind = f"{os.environ.get('BIND') or '127.0.0.1'}:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 8
worker_class = "config.serving.worker.PatientWorker"
worker_connections = 1000
preload_app = True
wsgi_app = "config.wsgi"
control_socket_disable = True
sendfile = False  # a file goes out as every answer does, see config/serving/outgoing.py
keepalive = 5
"""Seconds for which a connection is kept for the next request."""
limit_request_fields = 64
forwarded_allow_ips = os.environ.get("TRUSTED_PROXIES", "")
"""From whom X-Forwarded-Proto is believed: nobody, unless somebody is named."""
accesslog = None
