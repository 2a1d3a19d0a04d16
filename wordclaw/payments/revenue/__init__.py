"""The ledger of sales, refunds and payouts, behind the flag ``EXPERIMENTAL_REVENUE``."""
