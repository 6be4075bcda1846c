"""When this process began, as near as Python can tell: `manage.py` imports it before all else."""

import time

STARTED = time.monotonic()
