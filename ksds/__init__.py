"""Data at rest: byte-true VSAM clusters, a catalog, sequential data sets, IDCAMS."""
