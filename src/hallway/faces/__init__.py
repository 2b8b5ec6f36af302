"""Faces: each translates one wire format to the pipeline and back, and does nothing more."""
