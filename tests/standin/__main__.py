"""`python -m tests.standin --port N [--seed N] [--busy SHARE …]`: the stand-in as a process.

Its account is in the environment as TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, else it is invented
and printed. It ends when its input does.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from dataclasses import fields

from tests.standin.account import Account
from tests.standin.door import Standin, serve
from tests.standin.plan import Plan


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for field in fields(Plan):
        kind = int if field.name == "seed" else float
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    told = vars(parser.parse_args(arguments))
    port = told.pop("port")
    standin = Standin(Plan(**told), _account())
    with serve(standin, port) as server:
        threading.Thread(target=_until_input_ends, daemon=True).start()
        print(standin.url, standin.account.sid, standin.account.token, flush=True)  # noqa: T201
        server.serve_forever()


def _account() -> Account:
    names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
    return Account(*(os.environ[name] for name in names)) if names[0] in os.environ else Account()


def _until_input_ends() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
