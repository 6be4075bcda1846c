"""The main job end to end, over HTTP only, against the running service and its workers."""
