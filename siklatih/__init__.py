"""Siklatih: training evaluation for civil-service agencies."""
