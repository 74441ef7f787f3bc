"""The kit's own fixtures, as pytest finds them where Veilcast is installed with its entry point."""

from veilcast.testing.fixtures import veilcast_host, veilcast_media, veilcast_run

__all__ = ["veilcast_host", "veilcast_media", "veilcast_run"]
