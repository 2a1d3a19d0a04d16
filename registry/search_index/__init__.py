"""The search index: the agents that have a term, and its weight (ADR 28).

``entries`` computes the terms of an agent, ``actions`` stores them in the transaction of the
change, ``queries`` reads them for a search. ``postings`` and ``columns`` are the formats of the
stored blocks.
"""
