"""The house's commands: what script/server, script/test and their neighbours are made of.

They run before anything is installed, so nothing here may need more than Python's own library.
"""
