"""What was computed: nodes, their order, where in the user's code they came from, printing and verification."""

from chainrule.graph.beginning import IMPORTED
from chainrule.graph.graph import Graph
from chainrule.graph.node import Node
from chainrule.graph.order import ancestors
from chainrule.graph.position import Position, here, user_frame
from chainrule.graph.replay import replay
from chainrule.graph.verify import verify

__all__ = ["IMPORTED", "Graph", "Node", "Position", "ancestors", "here", "replay", "user_frame", "verify"]
