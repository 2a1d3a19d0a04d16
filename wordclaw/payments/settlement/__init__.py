"""Payments from the invoice to their end, and the entitlements that follow."""
