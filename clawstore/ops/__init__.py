"""Operation of an instance: health probes, logs, metrics, static files."""
