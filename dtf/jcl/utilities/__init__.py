"""The data set utilities of DFSMSdfp as step programs."""
