"""Static files as they go over the wire: packed for who takes that, each once in a process.

They are the same for everybody and hold nothing secret. Pages do, beside what others may have had a
hand in: their packed length could tell of it (BREACH), so they are left as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware

WORTH_IT = (".js", ".css", ".svg", ".json", ".webmanifest")
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
MOST_KEPT = 256


class PackedStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """WhiteNoise, straight from the packages: there is no step before, and no file is written."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        """Answer with a whole file packed; parts of one, and what has not changed, as they are."""
        answer: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        _, path, _ = static_file.alternatives[-1]
        if not path.endswith(WORTH_IT):
            return answer
        patch_vary_headers(answer, ["Accept-Encoding"])
        takes = TAKES_GZIP.search(request.headers.get("Accept-Encoding", ""))
        if answer.status_code != HTTPStatus.OK or not takes:
            return answer
        answer.close()
        body = _packed(path, answer["ETag"])
        whole = HttpResponse(b"" if request.method == "HEAD" else body, headers=answer.headers)
        whole["Content-Encoding"], whole["Content-Length"] = "gzip", str(len(body))
        return whole


@lru_cache(maxsize=MOST_KEPT)
def _packed(path: str, tag: str) -> bytes:  # noqa: ARG001 - another tag is another content
    with open(path, "rb") as file:  # noqa: PTH123 - as whitenoise names it
        packed: bytes = Compressor.compress_gzip(file.read())
    return packed
