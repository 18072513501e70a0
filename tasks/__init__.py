"""Prefect tasks: retries, concurrency, artifacts. Thin."""
