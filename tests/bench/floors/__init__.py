"""A bare project beside the house: what the framework alone costs on this machine, at this moment."""
