"""Small tables that travel with the package, ready without the internet."""

from .shipped import Table, load_diabetes, load_digits

__all__ = ["Table", "load_diabetes", "load_digits"]
