"""Values that no field of a kind accepts."""

from typing import Any
from uuid import uuid4

LONG = "x" * 10_000
NUL, SURROGATE = "a\x00b", "a\ud800b"
NO_TEXTS = [None, True, [], ["a"], {}, {"a": 1}, LONG, NUL, SURROGATE]
NO_UUIDS = [None, "", "x", [], {}, 1.5, -1, 2**130, "0" * 31, LONG, NUL, SURROGATE, str(uuid4())]
NO_NUMBERS = [None, "", "x", [], {}, True, 1.5, 0, -1, 2**31, 2**64, 2**200, LONG, NUL, SURROGATE]
NO_OBJECTS = [None, "", "x", [], [1], 7, True, LONG, NUL]
NO_TIMES = [
    None, "", "x", True, [], {}, LONG, NUL, SURROGATE, "2027-06-31T10:00", "10:00",
    "2027-06-08T25:00", "0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59-23:59",
    "2027-03-14T02:30", "2027-03-14T02:30-05:00", "2027-03-14T02:30:00-04:00",
]  # fmt: skip

NO_DAYS = [
    None, "", "x", True, [], {}, LONG, NUL, SURROGATE, "2027-06-31", "2027-06-09T10:00",
    "0001-01-01", "9999-12-31", "2027-06-06", "2027-12-24",
]  # fmt: skip
NO_CLOCKS = [None, "", "x", True, 7, [], {}, LONG, NUL, SURROGATE, "24:00", "10:60", "-1:00"]
NO_CODES = [None, "", "fasting", 7, True, {"fasting": 1}, ["castle"], [7], [None], [["x"]], [NUL]]
NO_WEEKDAYS = [
    None, "", "monday", 7, True, {"monday": 1}, ["castle"], [7], [None], [["monday"]], [NUL],
    ["monday"] * 8,
]  # fmt: skip
NO_LABELS = [
    None, "", "V1", 7, True, {}, {"V1": 1}, [], [None], [""], [[]], [LONG], [NUL], [SURROGATE],
    ["V2"] * 2, [f"V{number}" for number in range(501)],
]  # fmt: skip

NO_CODES = [
    None, "", "x", 7, True, {"a": 1}, ["castle"], [7], [None], [["airway"]], [NUL], [SURROGATE],
    [LONG], [""], ["airway"] * 101,
]  # fmt: skip

KINDS: dict[str, list[Any]] = {
    "text": [*NO_TEXTS, ""],
    "optional text": NO_TEXTS,
    "uuid": NO_UUIDS,
    "optional uuid": [one for one in NO_UUIDS if one is not None],
    "number": NO_NUMBERS,
    "optional number": [one for one in NO_NUMBERS if one is not None],
    "choice": [*NO_TEXTS, "", 7, "castle"],
    "object": NO_OBJECTS,
    "optional object": [one for one in NO_OBJECTS if one is not None],
    "optional flag": ["", "x", [], {}, 7, 1.5, LONG, NUL],
    "fresh uuid": NO_UUIDS[:-1],
    "time": NO_TIMES,
    "day": NO_DAYS,
    "last day": [one for one in NO_DAYS if one != "2027-12-24"],
    "labels": NO_LABELS,
    "day of any year": NO_DAYS[:-2],
    "clock": NO_CLOCKS,
    "later": [*NO_TIMES[1:], "2027-06-07", "2028-06-07"],
    "diagnoses": [None, "F33.2", {"F33.2": 1}, 7, [7], [None], ["x"], [["F33.2"]], ["F33.2"] * 13],
    "past day": [*NO_DAYS[1:-2], "2027-06-09"],
    "items": [None, "111111111", {"1": 1}, 7, [], [1] * 8, [1] * 10, [4] * 9, [-1] * 9, ["x"] * 9],
    "weekdays": NO_WEEKDAYS,
    "codes": NO_CODES,
    "zip": [*NO_TEXTS, "", "1234", "123456", "ABCDE", "00000", "²0001", "２０００１", "٢٠٠٠١"],
    "phone": [
        *NO_TEXTS,
        "",
        "x",
        "12",
        "+",
        "1" * 31,
        "202 555 0100 ext. 7",
        "800 555 1212",
        "+1202555010",
    ],
    "email": [*NO_TEXTS, "x", "a@", "@b.org", "a b@example.org", "a@example.org\n", "7"],
    "channels": [None, "text", 7, {}, [], ["fax"], [None], [["text"]], ["text", "text"], [LONG]],
    "endpoint": [
        *NO_TEXTS,
        "",
        "x",
        "http://fcm.googleapis.com/a",
        "https://127.0.0.1/a",
        "https://fcm.googleapis.com:22/a",
        "https://a@fcm.googleapis.com/a",
        "https://fcm.googleapis.com.example.org/a",
        "https://[::1/a",
        "file:///etc/passwd",
    ],
    "key": [*NO_TEXTS, "", "x", "é", "A" * 22 + "!", "A" * 87],
}
