"""Data in motion: a Connect:Direct-style Data Transmission Facility with checkpoint and restart."""

__all__: list[str] = []
