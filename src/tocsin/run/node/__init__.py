"""A sensor node: a microphone, an ear and a link, on a small computer far from the site.

Nothing here loads the tracker or the pages: the process stays below 150 MiB.
"""
