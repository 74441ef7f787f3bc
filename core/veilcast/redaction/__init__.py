"""Destroying what was located: pixels in decoded planes, samples in decoded sound."""
