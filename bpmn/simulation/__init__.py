"""Runs processes in virtual time: a world of one's own around the engine, for trying a diagram out.

`world.py` holds the instances, `handlers.py` does what they ask, `beginning.py` says what begins, `post.py` takes
messages and signals to whom they reach, `agenda.py` is the time, `script.py` what the people and systems around do.
"""

from bpmn.simulation.agenda import MAX_AT_ONCE, MAX_EVENTS
from bpmn.simulation.beginning import Beginning, beginning
from bpmn.simulation.running import Running
from bpmn.simulation.script import Action, Chosen, Script, Sent
from bpmn.simulation.world import Simulation

__all__ = [
    "MAX_AT_ONCE",
    "MAX_EVENTS",
    "Action",
    "Beginning",
    "Chosen",
    "Running",
    "Script",
    "Sent",
    "Simulation",
    "beginning",
]
