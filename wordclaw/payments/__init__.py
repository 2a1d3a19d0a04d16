"""Offers, payments over Lightning (L402), and the rights that buyers get.

`wordclaw.payments.access.actions.open_gate` is what every surface asks before bytes or premium
fields leave; `wordclaw.payments.subjects` is where apps above declare what can be sold.
"""
