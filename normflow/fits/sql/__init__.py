"""A fit as SQL: one SELECT over a table, in any of the dialects."""

from normflow.fits.sql.query import query

__all__ = ["query"]
