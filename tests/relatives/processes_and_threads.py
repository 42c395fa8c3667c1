"""Pools, processes, threads, shared memory, pickles, generators of random numbers."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np, multiprocessing as mp, concurrent.futures as cf, threading, asyncio, pickle, queue, os
from multiprocessing import shared_memory

rng = np.random.default_rng(0)
data = rng.random((40, 3000))


def work(row):
    return float(np.sum(np.sort(row) ** 2)), np.cumsum(row)[:2]


def init(d):
    global glob
    glob = d


def use(i):
    return glob[i].mean()


def mc(seed):
    r = np.random.default_rng(seed)
    p = r.random((20000, 2))
    return np.mean((p**2).sum(1) < 1) * 4


def child(q, a):
    q.put((a * 2).sum())


def shared(name, shape):
    s = shared_memory.SharedMemory(name)
    a = np.ndarray(shape, "f8", buffer=s.buf)
    a += 1
    t = a.sum()
    del a
    s.close()
    return float(t)


class Sim:
    def __init__(self, n):
        self.x = np.linspace(0, 1, n)
        self.h = self.x * 2

    def step(self, k):
        return (self.x**k).sum()


if __name__ == "__main__":
    for m in ("fork", "spawn"):
        ctx = mp.get_context(m)
        with ctx.Pool(2) as p:
            r = p.map(work, data[:6])
            print(m, [round(a, 6) for a, _ in r], r[0][1], type(r[0][1]).__name__)
            print(
                p.map(mc, range(4)),
                p.starmap(np.add, [(np.arange(2), 1)]),
                p.apply(np.sum, (data,)),
                p.map(Sim(20_000).step, [1, 2]),
                list(p.imap(np.mean, data[:2])),
                p.map(np.sqrt, [4.0, 9.0]),
            )
        with ctx.Pool(2, init, (data,)) as p:
            print(p.map(use, range(3)))
        q = ctx.Queue()
        pr = ctx.Process(target=child, args=(q, data))
        pr.start()
        print(q.get())
        pr.join()
        print(pr.exitcode)
        with cf.ProcessPoolExecutor(2, mp_context=ctx) as ex:
            print(list(ex.map(work, data[:2]))[0][0], ex.submit(np.linalg.det, np.eye(3)).result())
    with cf.ThreadPoolExecutor(4) as ex:
        print([round(v, 6) for v in ex.map(mc, range(6))], [round(a, 6) for a, _ in ex.map(work, data[:5])])
    res = {}
    ts = [threading.Thread(target=lambda i=i: res.__setitem__(i, (data[i] @ data[i]))) for i in range(5)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    print([res[i] for i in range(5)])

    async def main():
        return await asyncio.gather(*[asyncio.to_thread(np.sum, data[i]) for i in range(3)])

    print(asyncio.run(main()))
    sm = shared_memory.SharedMemory(create=True, size=8 * 1000)
    a = np.ndarray((1000,), "f8", buffer=sm.buf)
    a[:] = np.arange(1000)
    print(a.sum())
    with mp.get_context("spawn").Pool(1) as p:
        print(p.apply(shared, (sm.name, (1000,))))
    print(a[:3], a.sum())
    del a
    sm.close()
    sm.unlink()
    arr = mp.Array("d", 10)
    v = np.frombuffer(arr.get_obj())
    v[:] = 3
    print(arr[:3])
    b = mp.RawArray("i", 4)
    np.ctypeslib.as_array(b)[:] = np.arange(4)
    print(list(b))
    print(
        len(pickle.dumps(data)) > data.nbytes,
        pickle.loads(pickle.dumps({"a": data[:1, :2], "s": data.sum(), "rng": np.random.default_rng(1)}))["s"],
        pickle.loads(pickle.dumps(rng)).random() == rng.random(),
        pickle.loads(pickle.dumps(data, protocol=5)).sum(),
        pickle.loads(pickle.dumps(Sim(5))).h,
    )
    st = rng.bit_generator.state
    x1 = rng.random(3)
    rng.bit_generator.state = st
    print(
        (rng.random(3) == x1).all(),
        np.random.SeedSequence(5).spawn(2)[1].generate_state(1),
        np.random.Generator(np.random.PCG64(3)).normal(size=2),
        rng.spawn(2)[0].integers(10),
    )
    if os.name == "posix":
        r_, w_ = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(w_, str(round(float((data * 2).sum()), 6)).encode())
            os._exit(0)
        os.waitpid(pid, 0)
        print(os.read(r_, 100))
