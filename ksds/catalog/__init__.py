"""The catalog: which data sets there are, what they look like, and in which files they live."""

from ksds.catalog.entries import ClusterEntry, ComponentEntry, Entry, NonVsamEntry, Space

__all__ = ["ClusterEntry", "ComponentEntry", "Entry", "NonVsamEntry", "Space"]
