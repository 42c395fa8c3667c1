"""Array manipulation routines: the kind of array, views, joining, resizing, rearranging, padding."""

from ramba.api.manipulation import basic, joining, kinds, padding, rearranging, resizing, views

__all__ = ["basic", "joining", "kinds", "padding", "rearranging", "resizing", "views"]
