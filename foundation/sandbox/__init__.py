"""Runs work on untrusted bytes in limited child processes (ADR 22)."""
