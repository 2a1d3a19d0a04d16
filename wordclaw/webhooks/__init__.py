"""Webhooks of domains: who may do what, and the endpoints."""
