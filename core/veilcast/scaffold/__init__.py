"""New plugin packages: complete, small, and passing their own tests before a line is changed."""

from veilcast.scaffold.naming import Names, named
from veilcast.scaffold.writing import KINDS, new_plugin

__all__ = ["KINDS", "Names", "named", "new_plugin"]
