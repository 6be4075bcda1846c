"""What differs between installations: read from the environment, in `.env.example`."""

import environ

env = environ.Env()
