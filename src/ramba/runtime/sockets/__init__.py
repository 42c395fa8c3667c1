"""Members of a group as processes: messages over ZeroMQ, large ones of the same host through shared memory.

===============  ======================================================================================
``wire``         what travels: typed headers, checked before anything is allocated, and control messages
``host``         who shares memory and folders with whom
``folder``       private directories, and the removal of those whose owner died
``security``     session keys, and the doorkeeper that lets in nobody else
``connections``  the sockets of one epoch: who is connected, what is sent and received, in order
``io_thread``    the thread of each process that owns them; ``wakeup`` wakes it
``turn``         which of two threads reads: that one, or the member's own
``shared``       shared memory, lent to a receiver and given back
``tree``         who hands commands on to whom
``transport``    one member's end (`Transport`); ``worker_end`` and ``driver_end`` add the two roles
``headway``      whether workers that are waited for get on
``link``         the driver's end of the whole group (`Link`), over whoever starts the workers
``versions``     whether a worker runs what the driver runs
``child``        the life of a worker, and the main function of a worker process
``processes``    workers as child processes; ``stream`` carries the questions to them
``private_ray``  a Ray cluster of our own, for the backend ``ray``
===============  ======================================================================================
"""
