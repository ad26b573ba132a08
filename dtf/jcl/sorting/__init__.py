"""SORT (DFSORT, ICEMAN, SYNCSORT) and ICETOOL as step programs."""
