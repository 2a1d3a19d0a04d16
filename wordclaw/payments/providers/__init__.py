"""The providers that make invoices and know whether they were paid."""
