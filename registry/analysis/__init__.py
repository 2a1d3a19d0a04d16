"""What an agent will do on a machine, read from the bytes of its package.

Plain values in, plain values out: no Django, no database, no clock, so that the same bytes always
give the same words. `report.analyse` is the way in.
"""
