"""What the side panel's parts ask."""

ANSWERS = {}


def to_record(walk):
    """List the questions whose answers a page without a kernel shall have."""
    return ()
