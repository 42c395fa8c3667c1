"""Functions of Python on workers: how they and what they are given travel, and who calls them.

==============  =======================================================================================
``values``      arguments and results as they travel: typed where they can be, else pickled
``carriage``    functions as they travel, and the door that each worker keeps closed until it is told
``aside``       a function on a thread of its own, within a worker's generator
``part``        what a function sees of an array that lies on workers
``outcomes``    what became of a call
``obeying``     a worker's side of it; the driver's is `Cluster.everywhere`
==============  =======================================================================================
"""
