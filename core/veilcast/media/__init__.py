"""Reading and writing media: probe, frames by pts, audio, containers."""
