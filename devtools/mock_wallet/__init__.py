"""The wallet of development: it pays invoices of the mock provider with one button."""
