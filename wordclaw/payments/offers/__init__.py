"""Licence policies and offers: what is sold, at which price, with which rights."""
