"""The meaning of agents as vectors: found by meaning, and similar agents (ADR 38).

``texts`` makes the vector of an agent, ``actions`` stores vectors and neighbours in a job after the
publish, ``queries`` reads and compares them. ``blocks`` is the format of what is stored.
"""
