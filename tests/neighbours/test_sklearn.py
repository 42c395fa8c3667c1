"""scikit-learn: estimators, searches and metrics."""

from __future__ import annotations

import importlib
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

sklearn = pytest.importorskip("sklearn")
NAMES = """
linear_model ensemble cluster decomposition preprocessing model_selection metrics svm neighbors tree pipeline naive_bayes
feature_selection mixture gaussian_process impute utils isotonic covariance random_projection kernel_approximation inspection
"""
SHORT = "lm en cl de pp ms mt svm nb tr pl bayes fs mx gp im ut iso cov rp ka ins"


def variables(np: Any, n: int) -> dict[str, Any]:
    r = numpy.random.default_rng(0)
    X = r.random((n, 5))
    w = numpy.arange(5.0)
    return {
        "X": np.asarray(X),
        "y": np.asarray(X @ w + 0.1 * r.random(n)),
        "c": np.asarray((X @ w > 5).astype(int)),
        "w": np.asarray(r.random(n)),
        "prob": np.asarray(r.random(n)),
    }


CASES = """
lm.LinearRegression().fit(X, y).coef_
lm.Ridge().fit(X, y).predict(X)
lm.Lasso(alpha=0.01).fit(X, y).coef_
lm.LogisticRegression().fit(X, c).predict(X)
lm.LogisticRegression().fit(X, c).predict_proba(X)
lm.SGDRegressor(random_state=0).fit(X, y).coef_
lm.ElasticNet(alpha=0.01).fit(X, y, sample_weight=w).coef_
lm.RidgeCV(alphas=np.logspace(-3, 3, 7)).fit(X, y).alpha_
lm.LassoCV(alphas=np.logspace(-3, 0, 4)).fit(X, y).alpha_
lm.BayesianRidge().fit(X, y).coef_
lm.HuberRegressor().fit(X, y).coef_.round(3)
en.RandomForestClassifier(5, random_state=0).fit(X, c).predict(X)
en.RandomForestRegressor(5, random_state=0).fit(X, y).predict(X)
en.GradientBoostingRegressor(n_estimators=5, random_state=0).fit(X, y).predict(X)
en.HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(X, c).predict(X)
en.AdaBoostClassifier(n_estimators=3, random_state=0).fit(X, c).predict(X)
cl.KMeans(3, random_state=0, n_init=1).fit(X).labels_
cl.KMeans(3, init=X[:3], n_init=1).fit(X).labels_
cl.DBSCAN(eps=0.3).fit(X).labels_
cl.MiniBatchKMeans(3, random_state=0, n_init=1).fit_predict(X)
cl.AgglomerativeClustering(3).fit(X[:100]).labels_
de.PCA(2).fit_transform(X)
de.PCA(2, svd_solver="randomized", random_state=0).fit(X).components_
de.TruncatedSVD(2, random_state=0).fit_transform(X)
de.NMF(2, random_state=0, max_iter=20).fit_transform(X)
de.FastICA(2, random_state=0).fit(X).components_.shape
pp.StandardScaler().fit_transform(X)
pp.MinMaxScaler().fit_transform(X)
pp.PolynomialFeatures(2).fit_transform(X)
pp.OneHotEncoder(sparse_output=False).fit_transform(c[:, None])
pp.LabelEncoder().fit_transform(c)
pp.normalize(X)
pp.scale(X)
pp.KBinsDiscretizer(3, encode="ordinal").fit_transform(X)
pp.QuantileTransformer(n_quantiles=10).fit_transform(X)
pp.FunctionTransformer(np.log1p).fit_transform(X)
pp.LabelBinarizer().fit_transform(c)
pp.PowerTransformer().fit_transform(X)
ms.train_test_split(X, y, random_state=0)
ms.cross_val_score(lm.Ridge(), X, y)
[i[0][:3] for i in ms.KFold(3).split(X)]
[i[0][:3] for i in ms.StratifiedKFold(3).split(X, c)]
ms.learning_curve(lm.Ridge(), X, y, train_sizes=np.linspace(0.2, 1, 3))[1]
ms.validation_curve(lm.Ridge(), X, y, param_name="alpha", param_range=np.logspace(-1, 1, 3))[1]
ms.cross_val_predict(lm.Ridge(), X, y)
mt.accuracy_score(c, c)
mt.mean_squared_error(y, w)
mt.r2_score(y, w)
mt.roc_auc_score(c, prob)
mt.confusion_matrix(c, prob > 0.5)
mt.f1_score(c, (prob > 0.5).astype(int))
mt.log_loss(c, prob)
mt.pairwise_distances(X[:50])
mt.silhouette_score(X[:100], c[:100])
mt.classification_report(c, c)
mt.precision_recall_curve(c, prob)[0][:5]
mt.roc_curve(c, prob)[0][:5]
svm.SVC().fit(X[:200], c[:200]).predict(X)
svm.LinearSVC(random_state=0).fit(X, c).coef_.round(3)
svm.SVR().fit(X[:200], y[:200]).predict(X[:20])
nb.KNeighborsClassifier().fit(X, c).predict(X)
nb.KDTree(X).query(X[:5])[1]
nb.BallTree(X).query(X[:5])[1]
nb.NearestNeighbors().fit(X).kneighbors(X[:5])[1]
nb.KernelDensity().fit(X).score_samples(X[:5])
tr.DecisionTreeClassifier(random_state=0).fit(X, c).predict(X)
pl.make_pipeline(pp.StandardScaler(), lm.Ridge()).fit(X, y).predict(X)
bayes.GaussianNB().fit(X, c).predict(X)
fs.SelectKBest(k=2).fit_transform(X, c)
fs.mutual_info_regression(X[:100], y[:100], random_state=0)
mx.GaussianMixture(2, random_state=0).fit(X).means_.round(3)
gp.GaussianProcessRegressor().fit(X[:50], y[:50]).predict(X[:5])
im.SimpleImputer().fit_transform(np.where(X > 0.9, np.nan, X))
im.KNNImputer().fit_transform(np.where(X[:50] > 0.9, np.nan, X[:50]))
ut.shuffle(X, y, random_state=0)
ut.resample(X, random_state=0)
ut.check_array(X)
ut.check_X_y(X, y)
iso.IsotonicRegression().fit_transform(X[:, 0], y)
cov.EmpiricalCovariance().fit(X).covariance_
rp.GaussianRandomProjection(2, random_state=0).fit_transform(X)
ka.RBFSampler(random_state=0, n_components=5).fit_transform(X)
ins.permutation_importance(lm.Ridge().fit(X, y), X, y, random_state=0, n_repeats=2).importances_mean
ms.GridSearchCV(lm.Ridge(), {"alpha": np.logspace(-3, 3, 4)}).fit(X, y).best_params_["alpha"]
ut.class_weight.compute_class_weight("balanced", classes=np.unique(c), y=c)
"""

NEIGHBOUR = Neighbour(
    dict(zip(SHORT.split(), [importlib.import_module(f"sklearn.{name}") for name in NAMES.split()], strict=True)),
    variables,
    CASES,
    small=200,
    large=4000,
)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
