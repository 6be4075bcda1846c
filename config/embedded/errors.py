"""What can go wrong with the embedded servers, each with the sentence a person can act on."""


class EmbeddedError(RuntimeError):
    """A server cannot be started here; the message says what to do."""
