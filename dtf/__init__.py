"""Data in motion: a Connect:Direct-style Data Transmission Facility with checkpoint and restart.

    import time, ksds, dtf

    with ksds.System.open("nyc") as system, dtf.Node.open(system, clock=time.time, connect=dtf.connect) as node:
        number = node.submit(open("payday.cdp").read())
        node.run(number)
        print(node.outcome(number))

These names are public and stay; everything else is reached by its module and may change.
"""

from dtf.copying.checkpoint import CheckpointRecord, PositionSet
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import DtfError, NodeError, ProcessError, ProtocolError, SessionLost, StepError
from dtf.netmap import AdjacentNode, Netmap
from dtf.node import Node, ProcessOutcome
from dtf.simulation.faults import FaultPlan, parse_fault
from dtf.statistics_log import Statistic, StatisticsLog
from dtf.transport.tcp import connect

__all__ = [
    "AdjacentNode",
    "CheckpointFile",
    "CheckpointRecord",
    "DtfError",
    "FaultPlan",
    "Netmap",
    "Node",
    "NodeError",
    "PositionSet",
    "ProcessError",
    "ProcessOutcome",
    "ProtocolError",
    "SessionLost",
    "Statistic",
    "StatisticsLog",
    "StepError",
    "connect",
    "parse_fault",
]
