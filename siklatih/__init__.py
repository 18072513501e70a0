"""Siklatih: training evaluation for civil-service agencies."""

__version__ = "0.1.0"
