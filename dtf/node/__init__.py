"""The DTF node: what every node has (local), its answers (answering), a Process (process_run), the queue (work)."""

from dtf.node.local import LocalNode, install, process_text
from dtf.node.work import Node, ProcessOutcome

__all__ = ["LocalNode", "Node", "ProcessOutcome", "install", "process_text"]
