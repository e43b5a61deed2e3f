"""What was computed: nodes, their order, where in the user's code they came from.

Printing (`printing`), verification (`verify`) and evaluation (`replay`) are imported from their own files.
"""

from chainrule.graph.beginning import IMPORTED
from chainrule.graph.graph import Graph
from chainrule.graph.node import Node
from chainrule.graph.order import ancestors
from chainrule.graph.position import Position, here, user_frame

__all__ = ["IMPORTED", "Graph", "Node", "Position", "ancestors", "here", "user_frame"]
