"""Puts the demo city of `fixtures` into the database."""
