"""Celery and the cache: pokes, never truth."""

from kombu import Exchange, Queue

from config.environment import env

REDIS_URL = env.str("REDIS_URL")

CACHES = {
    "default": {
        "BACKEND": "config.cache.WillingCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_DEFAULT_EXCHANGE = "tasks"
CELERY_TASK_DEFAULT_ROUTING_KEY = "default"
CELERY_TASK_QUEUES = [
    Queue(name, Exchange("tasks"), routing_key=name)
    for name in ("assign", "messages", "plan", "default")
]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {
    "workers.tasks.assign": {"queue": "assign"},
    "workers.tasks.send": {"queue": "messages"},
    "workers.tasks.open_rooms": {"queue": "messages"},
    "workers.tasks.plan": {"queue": "plan"},
    "workers.tasks.roll_all": {"queue": "plan"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A request that pokes a worker must not wait for a broker that is down or hangs: the worker's own
# poll of the database finds the work without it. Without `max_retries` kombu tries for 6 s.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.9,  # a worker has none: see workers/bootsteps.py
    "socket_keepalive": True,
}
