"""Lists as people have them: read, mapped, corrected, placed, and only then brought into the real tables."""
