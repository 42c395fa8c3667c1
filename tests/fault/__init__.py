"""Tests of Ramba."""
