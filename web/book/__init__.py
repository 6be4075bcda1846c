"""The patients' screens: from the first question to the day after the visit."""
