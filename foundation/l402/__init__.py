"""Formats of paid requests: macaroons, Lightning invoices, headers of L402."""
