"""Searching for places by name: in characters, pinyin, initials, partly or misspelt (docs/search.md)."""
