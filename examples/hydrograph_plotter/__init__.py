"""Hydrograph Plotter: plots the hydrographs in a CSV file that another app, or the user, gives it."""

from hydrograph_plotter.app import app

__all__ = ["app"]
