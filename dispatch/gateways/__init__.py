"""The outside things, one file each: a protocol, the real one and a local stand-in."""
