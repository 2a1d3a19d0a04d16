"""Turns a folder, a zip or an export of OpenClaw into a package (ADR 54)."""
