"""SciPy and scikit-learn with `SCIPY_ARRAY_API=1`, which they read when they are imported: prints what differs from NumPy.

``python -m tests.neighbours.namespaces scipy|sklearn`` is what test_namespaces.py runs.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

import numpy

import ramba
from tests.neighbours.cases import Neighbour

SCIPY = """
stats.pearsonr(x, z).statistic
stats.ttest_ind(x, z).pvalue
stats.zscore(x)
stats.gmean(x, weights=w)
stats.describe(x).variance
special.xlogy(x, w)
special.rel_entr(x, w)
signal.fftconvolve(x, z)
signal.lfilter(z[:3], [1.0], x)
signal.detrend(x)
integrate.trapezoid(z, x)
integrate.simpson(z, x=x)
fft.fft(x)
ndimage.correlate1d(x, z[:3])
type(fft.fft(x)).__name__, type(signal.fftconvolve(x, z)).__name__
"""

SKLEARN = """
lm.Ridge(solver="svd").fit(X, y).coef_
lm.Ridge().fit(X, y).predict(X)
lm.LinearRegression().fit(X, y).coef_
lm.LogisticRegression().fit(X, c).predict(X)
lm.RidgeCV().fit(X, y).coef_
lm.RidgeClassifier().fit(X, c).predict(X)
de.PCA(2, svd_solver="full").fit_transform(X)
de.PCA(2, svd_solver="randomized", random_state=0, power_iteration_normalizer="QR").fit(X).explained_variance_
pp.StandardScaler().fit_transform(X)
pp.MinMaxScaler().fit_transform(X)
pp.MaxAbsScaler().fit_transform(X)
pp.Normalizer().fit_transform(X)
pp.KernelCenterer().fit_transform(X[:200] @ X[:200].T)
pp.Binarizer(threshold=0.5).fit_transform(X)
pp.LabelEncoder().fit_transform(c)
pp.PolynomialFeatures(2).fit_transform(X)
pp.LabelBinarizer().fit_transform(c)
da.LinearDiscriminantAnalysis(solver="svd").fit(X, c).predict(X)
nb.GaussianNB().fit(X, c).predict(X)
mx.GaussianMixture(2, init_params="random", random_state=0, max_iter=5).fit(X).means_
cl.KMeans(3, random_state=0, n_init=1).fit(X).labels_
svm.SVC().fit(X[:300], c[:300]).predict(X[:50])
nn.KNeighborsClassifier().fit(X, c).predict(X)
en.RandomForestClassifier(3, random_state=0).fit(X, c).predict(X)
tr.DecisionTreeRegressor(random_state=0).fit(X, y).predict(X)
im.SimpleImputer().fit_transform(X)
fs.SelectKBest(k=2).fit_transform(X, c)
kr.KernelRidge().fit(X[:300], y[:300]).predict(X[:20])
ms.cross_val_score(lm.Ridge(solver="svd"), X, y)
ms.train_test_split(X, y, random_state=0)
ms.GridSearchCV(lm.Ridge(solver="svd"), {"alpha": np.logspace(-1, 1, 3)}).fit(X, y).best_params_["alpha"]
mt.accuracy_score(c, c)
mt.r2_score(y, y * 1.1)
mt.f1_score(c, c)
mt.log_loss(c, c * 0.5 + 0.2)
mt.roc_auc_score(c, y)
mt.confusion_matrix(c, c)
mt.pairwise.cosine_similarity(X[:50])
mt.pairwise.rbf_kernel(X[:50])
"""

NAMES = {
    "scipy": "stats special signal integrate fft ndimage",
    "sklearn": """lm:linear_model de:decomposition pp:preprocessing da:discriminant_analysis nb:naive_bayes mx:mixture
        cl:cluster svm nn:neighbors en:ensemble tr:tree im:impute fs:feature_selection kr:kernel_ridge
        ms:model_selection mt:metrics""",
}


def variables(np: Any, n: int) -> dict[str, Any]:
    """Half of what SciPy gets is NumPy's in any case."""
    r = numpy.random.default_rng(0)
    X = r.random((n, 5))
    y = X @ numpy.arange(5.0)
    places = {"X": X, "y": y, "c": (y > 5).astype(int), "x": numpy.arange(1.0, n + 1)}
    return {name: np.asarray(a) for name, a in places.items()} | {"z": numpy.sin(y), "w": abs(numpy.sin(y))}


def main(library: str) -> None:
    """Prints each case that differs, and how many were run."""
    warnings.simplefilter("ignore")
    pairs = [name.rpartition(":") for name in NAMES[library].split()]
    names = {short or name: importlib.import_module(f"{library}.{name}") for short, _, name in pairs}
    if library == "sklearn":
        importlib.import_module(library).set_config(array_api_dispatch=True)
    neighbour = Neighbour(names, variables, {"scipy": SCIPY, "sklearn": SKLEARN}[library])
    for case in neighbour.all():
        for n in (200, 5000):
            with ramba.config.set(eager_size=1000):
                try:
                    neighbour.check(case, n)
                except Exception as problem:
                    print(f"{n} {case}: {type(problem).__name__} {str(problem)[:200]}")
    print(len(neighbour.all()), "run")


if __name__ == "__main__":
    main(sys.argv[1])
