#!/usr/bin/env python3
"""Entry point of the management commands."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")
    # What is imported stays for ever: looking through it for garbage again and again took a seventh of the start.
    gc.set_threshold(100_000)
    execute_from_command_line(sys.argv)
