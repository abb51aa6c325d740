"""Many people at once, and workers that die: a real server, real clients, and afterwards every invariant.

Clients and server are processes of their own; the server runs on a database of its own and on the real clock.
"""
