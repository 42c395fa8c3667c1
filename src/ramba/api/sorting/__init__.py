"""Sorting, searching, and counting."""

from ramba.api.sorting import counting, searching, sorting

__all__ = ["counting", "searching", "sorting"]
