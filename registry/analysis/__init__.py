"""Facts about an agent, read from the bytes of its package.

This package takes plain values and returns plain values. It has no Django, no database and no
clock, so the same bytes always give the same facts. Start reading at `facts.analyse`.
"""
