"""What every page shares: the frame, components, dates as people say them, and the named places."""
