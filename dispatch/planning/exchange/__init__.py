"""Problems and plans in VROOM's JSON, the open format of this field: read, refused, written.

The format is that of VROOM 1.15 (https://github.com/VROOM-Project/vroom, docs/API.md).
"""
