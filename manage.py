#!/usr/bin/env python
"""Django's command-line door to the shop."""

import os
import sys

from django.core.management import execute_from_command_line

from clawstore.environment import exit_on_problems

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clawstore.settings")
    with exit_on_problems():
        execute_from_command_line(sys.argv)
