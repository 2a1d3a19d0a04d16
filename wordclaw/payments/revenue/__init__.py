"""The ledger of sales, refunds and payouts (``EXPERIMENTAL_REVENUE``)."""
