"""Buying: purchase and confirmation, and the entitlements of buyers and sellers."""
