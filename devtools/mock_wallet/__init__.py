"""The wallet of development pays invoices of the mock provider."""
