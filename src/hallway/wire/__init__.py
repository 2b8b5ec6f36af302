"""Wire: foreign formats as typed messages."""
