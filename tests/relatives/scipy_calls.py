"""SciPy, a call or several from each of its parts."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np
from scipy import (
    optimize,
    integrate,
    signal,
    ndimage,
    spatial,
    interpolate,
    stats,
    linalg,
    special,
    sparse,
    cluster,
    fft,
)

rng = np.random.default_rng(0)


def rosen(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


for m in ["Nelder-Mead", "BFGS", "L-BFGS-B", "Powell", "CG", "TNC", "SLSQP", "COBYLA"]:
    r = optimize.minimize(rosen, np.array([1.3, 0.7, 0.8]), method=m, tol=1e-8)
    print(m, r.success, np.round(r.x, 3), type(r.x).__name__)
t = np.linspace(0, 4, 200)
y = 2.5 * np.exp(-1.3 * t) + 0.5 + 0.01 * rng.normal(size=t.size)
p, cov = optimize.curve_fit(lambda t, a, b, c: a * np.exp(-b * t) + c, t, y)
print(p, np.sqrt(np.diag(cov)))
print(optimize.least_squares(lambda p: p[0] * np.exp(-p[1] * t) - y, [1.0, 1.0]).x)
print(optimize.root(lambda x: np.array([x[0] ** 2 + x[1] - 3, x[0] - x[1]]), [1.0, 1.0]).x)
print(optimize.brentq(lambda x: np.cos(x) - x, 0, 1), optimize.newton(lambda x: x**3 - 2, 1.0))
print(optimize.linprog(np.array([-1.0, -2]), A_ub=np.array([[1.0, 1], [1, 3]]), b_ub=np.array([4.0, 6])).x)
print(optimize.differential_evolution(rosen, [(-2, 2)] * 2, seed=1, maxiter=60).x.round(4))
c = rng.random((6, 6))
print(optimize.linear_sum_assignment(c))
print(optimize.nnls(c, c.sum(1))[0])
sol = integrate.solve_ivp(
    lambda t, y: np.array([y[1], -np.sin(y[0])]), (0, 10), np.array([1.0, 0.0]), t_eval=np.linspace(0, 10, 5), rtol=1e-8
)
print(sol.y)
sol = integrate.solve_ivp(lambda t, y: [y[1], (1 - y[0] ** 2) * y[1] * 10 - y[0]], (0, 3), [2.0, 0.0], method="LSODA")
print(sol.y[:, -1], sol.nfev > 3)
print(integrate.odeint(lambda y, t: np.array([-y[0], y[0] - y[1]]), [1.0, 0.0], np.linspace(0, 2, 4)))
print(integrate.quad(lambda x: np.exp(-(x**2)), -np.inf, np.inf), integrate.dblquad(lambda y, x: x * y, 0, 1, 0, 1)[0])
print(
    integrate.simpson(y, x=t),
    integrate.trapezoid(y, t),
    integrate.cumulative_trapezoid(y, t)[-1],
    integrate.quad_vec(lambda x: np.array([x, x**2]), 0, 1)[0],
)
b, a = signal.butter(4, 0.2)
f = signal.filtfilt(b, a, y)
print(f[:3], signal.lfilter(b, a, y)[-2:])
print(signal.find_peaks(np.sin(np.arange(0, 50, 0.1)), height=0.5)[0])
print(signal.welch(np.sin(np.arange(4096) * 0.3), nperseg=256)[1].argmax())
print(signal.convolve2d(np.eye(4), np.ones((2, 2)), mode="same"))
print(signal.savgol_filter(y, 11, 3)[:3])
print(signal.hilbert(y)[:2])
print(signal.stft(y, nperseg=64)[2].shape)
print(
    signal.resample(y, 10),
    signal.medfilt(y[:9], 3),
    signal.detrend(y)[:2],
    signal.windows.hann(5),
    signal.fftconvolve(y, y)[:2],
    signal.sosfilt(signal.butter(3, 0.1, output="sos"), y)[-1],
)
img = rng.random((300, 300))
for fn in [
    lambda: ndimage.gaussian_filter(img, 2),
    lambda: ndimage.sobel(img),
    lambda: ndimage.median_filter(img, 3),
    lambda: ndimage.rotate(img, 30, reshape=False),
    lambda: ndimage.zoom(img, 0.5),
    lambda: ndimage.uniform_filter(img, 5),
    lambda: ndimage.binary_dilation(img > 0.9).sum(),
    lambda: ndimage.distance_transform_edt(img > 0.5),
    lambda: ndimage.map_coordinates(img, np.mgrid[0:5, 0:5] + 0.5),
    lambda: ndimage.generic_filter(img[:20, :20], np.std, 3),
    lambda: ndimage.correlate(img, np.ones((3, 3))),
    lambda: ndimage.laplace(img),
    lambda: ndimage.shift(img, (1.5, 2)),
]:
    r = fn()
    print(type(r).__name__, np.sum(r), np.shape(r))
lab, k = ndimage.label(img > 0.7)
print(
    k,
    type(lab).__name__,
    ndimage.sum_labels(img, lab, np.arange(1, 4)),
    ndimage.center_of_mass(img),
    ndimage.find_objects(lab)[0],
    np.bincount(lab.ravel())[:3],
)
out = np.empty_like(img)
ndimage.gaussian_filter(img, 1, output=out)
print(out.mean())
pts = rng.random((400, 2))
tree = spatial.cKDTree(pts)
print(tree.query(np.array([0.5, 0.5]), k=3))
print(spatial.distance.cdist(pts[:3], pts[:3]))
print(
    spatial.ConvexHull(pts).vertices[:4],
    spatial.Delaunay(pts).simplices.shape,
    spatial.distance.squareform(spatial.distance.pdist(pts[:3])),
)
print(
    spatial.distance.euclidean(pts[0], pts[1]),
    spatial.transform.Rotation.from_euler("z", np.pi / 4).apply(np.array([1.0, 0, 0])),
)
print(
    interpolate.interp1d(t, y, kind="cubic")(0.77),
    interpolate.CubicSpline(t, y)(np.array([0.1, 0.2])),
    interpolate.griddata(pts, pts[:, 0], np.array([[0.5, 0.5]])),
    interpolate.RegularGridInterpolator((np.arange(300), np.arange(300)), img)([[1.5, 2.5]]),
    interpolate.splrep(t, y)[0][:3],
)
print(
    stats.ttest_ind(y[:100], y[100:]),
    stats.linregress(t, y),
    stats.norm.pdf(np.array([0.0, 1])),
    stats.pearsonr(t, y),
    stats.ks_2samp(y[:50], y[50:]).pvalue,
    stats.gaussian_kde(y)(np.array([0.6])),
    stats.mode(np.array([1, 2, 2])),
    stats.zscore(y)[:2],
    stats.describe(y),
    stats.rankdata(y[:4]),
    stats.entropy(np.array([0.5, 0.5])),
    stats.norm.fit(y),
    stats.chi2_contingency(np.array([[10, 20], [20, 10]]))[1],
    stats.spearmanr(t, y)[0],
    stats.binned_statistic(t, y, bins=3)[0],
    stats.kurtosis(y),
    stats.iqr(y),
)
A = rng.random((50, 50))
print(
    linalg.det(A[:5, :5]),
    linalg.lu(A)[2][0, :2],
    linalg.expm(A[:2, :2]),
    linalg.solve(A, A[0])[:2],
    linalg.svdvals(A)[:2],
    linalg.cholesky(A @ A.T)[0, :2],
    linalg.eigh(A + A.T)[0][:2],
    linalg.block_diag(A[:1, :1], A[:1, :1]),
    linalg.toeplitz([1, 2, 3]),
    linalg.norm(A),
    linalg.qr(A)[1][0, 0].round(6),
    linalg.lstsq(A, A[0])[2],
    linalg.solve_triangular(np.tril(A), A[0], lower=True)[:1],
)
print(
    special.erf(np.array([0.0, 1])),
    special.gamma(5),
    special.logsumexp(A),
    special.expit(y[:2]),
    special.jv(0, t[:2]),
    special.comb(5, np.arange(3)),
    special.softmax(y[:3]),
    special.binom(5, 2),
)
S = sparse.csr_matrix(A * (A > 0.9))
print(
    S.nnz,
    (S @ np.ones(50))[:2],
    S.dot(A)[0, 0],
    sparse.linalg.spsolve(sparse.eye(50, format="csc") * 2 + S.tocsc(), np.ones(50))[:2],
    sparse.linalg.cg(sparse.eye(50) * 2, np.ones(50))[0][:2],
    type(S.sum(0)).__name__,
    sparse.diags([np.ones(3), np.ones(2)], [0, 1]).toarray(),
    sparse.coo_matrix((np.ones(2), (np.array([0, 1]), np.array([1, 0])))).todense(),
    sparse.linalg.eigsh(sparse.diags(np.arange(1.0, 51)), k=2)[0],
)
print(cluster.vq.kmeans2(pts, pts[:3].copy(), minit="matrix")[0], cluster.hierarchy.linkage(pts[:4])[:, 2])
print(fft.fft(y[:4]), fft.dct(y[:4]), fft.fftfreq(4))
