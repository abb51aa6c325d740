"""利用規約: the text by which people use this house, kept as versions, and who has accepted which.

A version is written in the CMS ahead of its day. From that day on it is in force and cannot be changed: people have
accepted these words. Whoever signs up accepts what is in force; a new version that asks again is shown at the next sign-in.
"""
